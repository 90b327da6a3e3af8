"""The references in a Dockerfile: `FROM` and `COPY --from`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from ci_publish.pins.formats.site import Site

# Dockerfile reference: "Parser directives", "Here-documents", "FROM", "COPY --from".
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S+)")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\2(?=\s|$)")
_HEREDOC_INSTRUCTIONS: Final = frozenset({"run", "copy", "add"})
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"[^\s\ufeff]+")
# a byte order mark at the start of the file counts as one of these
_BLANK: Final = "\ufeff \t\r\n"
_SCRATCH: Final = "scratch"
_FROM_FLAG: Final = "--from="


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of an instruction; a line break in it shows as a span longer than its text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Instruction:
    """An instruction with its continued lines joined.

    Args:
        text: all of it.
        pieces: for each line, where it begins in `text` and where in the file.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        return next(iter(self.text.lstrip(_BLANK).split(maxsplit=1)), "").lower()

    def words(self) -> tuple[_Word, ...]:
        """Its words, the name first."""
        found = _WORD.finditer(self.text)
        return tuple(_Word(word[0], self._index(word.start()), self._index(word.end() - 1) + 1) for word in found)

    def _index(self, place: int) -> int:
        begins, index = self.pieces[bisect_right(self.pieces, place, key=itemgetter(0)) - 1]
        return index + place - begins


def find(text: str) -> Iterator[Site]:
    """The images that the stages start from or copy from; the names of stages are none."""
    stages: set[str] = set()
    for instruction in _instructions(text):
        if instruction.name == "from":
            arguments = [word for word in instruction.words()[1:] if not word.text.startswith("--")]
            images = arguments[:1]
        elif instruction.name == "copy":
            arguments = []
            images = [_value(word) for word in instruction.words() if word.text.startswith(_FROM_FLAG)]
        else:
            continue
        yield from (_site(word) for word in images if not _is_stage(word.text.lower(), stages))
        if len(arguments) == 3 and arguments[1].text.lower() == "as":
            stages.add(arguments[2].text.lower())


def _value(flag: _Word) -> _Word:
    return _Word(flag.text[len(_FROM_FLAG) :], flag.start + len(_FROM_FLAG), flag.end)


def _is_stage(name: str, stages: set[str]) -> bool:
    return name in ("", _SCRATCH) or name in stages or name.isdecimal()


def _site(word: _Word) -> Site:
    text, start, end = word.text, word.start, word.end
    if len(text) > 2 and text[0] in "'\"" and text[-1] == text[0]:
        # the quotes are allowed, and are not part of the name
        text, start, end = text[1:-1], start + 1, end - 1
    return Site(start, end, text, "" if end - start == len(text) else "it is written over several lines")


def _instructions(text: str) -> Iterator[_Instruction]:
    """Every instruction; comments and the content of here-documents are left out."""
    lines = list(_LINE.finditer(text))
    continued = re.compile(re.escape(_escape_character(lines)) + r"[ \t]*\Z")
    closings = {indent: _places(lines, indent) for indent in ("", "-")}
    number = 0
    while number < len(lines):
        instruction, number = _read_instruction(lines, number, continued)
        yield instruction
        if instruction.name in _HEREDOC_INSTRUCTIONS:
            number = _after_heredocs(instruction.text, closings, number)


def _read_instruction(lines: list[re.Match[str]], number: int, continued: re.Pattern[str]) -> tuple[_Instruction, int]:
    text, pieces = "", list[tuple[int, int]]()
    while number < len(lines):
        line = lines[number]
        number += 1
        content = line[0].rstrip("\r\n")
        # comments do not end an instruction, and neither do empty lines within one
        if content.lstrip(_BLANK).startswith("#") or (pieces and not content.strip()):
            continue
        more = continued.search(content)
        pieces.append((len(text), line.start()))
        text += content[: more.start()] if more else content
        if not more:
            break
    return _Instruction(text, tuple(pieces)), number


def _escape_character(lines: list[re.Match[str]]) -> str:
    for line in lines:
        directive = _DIRECTIVE.match(line[0].strip(_BLANK))
        if directive is None:
            break
        if directive[1].lower() == "escape" and directive[2] in ("`", "\\"):
            return directive[2]
    return "\\"


def _places(lines: Iterable[re.Match[str]], indent: str) -> Mapping[str, list[int]]:
    """The numbers of the lines with each content, by which here-documents find their end without a search.

    Args:
        lines: of the file.
        indent: `-` where tabs before the content do not count, as after `<<-`.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        content = line[0].rstrip("\r\n")
        places[content.lstrip("\t") if indent else content].append(number)
    return places


def _after_heredocs(instruction: str, closings: Mapping[str, Mapping[str, list[int]]], number: int) -> int:
    """The number of the line after the here-documents that an instruction opens."""
    for heredoc in _HEREDOC.finditer(instruction):
        places = closings[heredoc[1]].get(heredoc[3], [])
        index = bisect_left(places, number)
        # One that is never closed is none: `<<` is also an operator.
        number = places[index] + 1 if index < len(places) else number
    return number
