"""Where a Dockerfile names images."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.pins.formats.dockerfile import find

FOUND = {
    "FROM a": ["a"],
    "from\ta": ["a"],
    "  FROM a": ["a"],
    "\ufeffFROM a": ["a"],
    "FROM --platform=$X a AS b\nFROM B": ["a"],
    "FROM a AS b\nFROM b AS c\nCOPY --from=c --from=d / /": ["a", "d"],
    "FROM b\nFROM a AS b": ["b", "a"],
    "FROM scratch\nFROM SCRATCH": [],
    "FROM": [],
    "FROM --platform=x": [],
    "FROM 'a'\nFROM \"b\"": ["a", "b"],
    "FROMAGE a": [],
    "# FROM a": [],
    "  # FROM a": [],
    "RUN x \\\nFROM a": [],
    "RUN x \\\n\n# c\n  FROM a": [],
    "RUN x \\ \nFROM a": [],
    "RUN x \\x\nFROM a": ["a"],
    "# escape=`\nRUN x \\\nFROM a": ["a"],
    "# syntax=x\n#ESCAPE = `\nRUN x `\nFROM a": [],
    "# comment\n# escape=`\nRUN x `\nFROM a": ["a"],
    "\n# escape=`\nRUN x `\nFROM a": ["a"],
    "RUN <<E\nFROM a\nE\nFROM b": ["b"],
    "RUN <<'E' x\nFROM a\nE\nFROM b": ["b"],
    "COPY <<-E <<F /\nFROM a\n\tE\nFROM b\nF\nFROM c": ["c"],
    "RUN <<E \\\n y\nFROM a\nE\nFROM b": ["b"],
    "RUN x <<< E\nFROM a\nE": ["a"],
    "RUN x <<E\nFROM a": ["a"],
    "RUN echo $((1 <<2))\nFROM a": ["a"],
    "ENV x <<E\nFROM a\nE": ["a"],
    "COPY --from=0 / /\nCOPY --from= / /\nCOPY --chown=1 --from=a / /": ["a"],
    "COPY --from=a / /\rFROM b": ["a"],
    "ADD --from=a / /": [],
    "": [],
}


@pytest.mark.parametrize(("text", "images"), FOUND.items())
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_images_are_found(text: str, images: list[str], line_end: str) -> None:
    assert [site.text for site in find(text.replace("\n", line_end))] == images


def test_a_name_over_two_lines_is_seen_and_left() -> None:
    (site,) = find("FROM gh\\\ncr.io/a\n")
    assert site.text == "ghcr.io/a"
    assert "several lines" in site.obstacle


@given(
    st.lists(
        st.sampled_from(
            [
                "FROM",
                "a",
                "AS",
                "COPY",
                "--from=",
                "RUN",
                "<<E",
                "E",
                "\\",
                "`",
                "#",
                " ",
                "\n",
                "\r\n",
                "\ufeff",
                "'",
                "é",
            ]
        )
    )
)
def test_a_site_is_the_text_that_it_says(parts: list[str]) -> None:
    text = "".join(parts)
    sites = list(find(text))
    assert [site for site in sites if not site.obstacle and text[site.start : site.end] != site.text] == []
    assert [site.start for site in sites] == sorted(site.start for site in sites)


HUGE = {
    "here-documents that never end": "RUN <<A\n" * 30_000,
    "many in one instruction": "RUN " + "<<A " * 10_000 + "\n" + "x\n" * 50_000,
    "an instruction of many lines": "FROM " + "a \\\n" * 30_000,
    "many instructions": "FROM a\n" * 100_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_time_grows_with_the_text_and_not_with_its_square(text: str) -> None:
    started = time.process_time()
    for _ in find(text):
        pass
    # each takes less than a second, or else minutes
    assert time.process_time() - started < 15
