"""Which references get which digest, and that nothing but them is touched."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import PinError
from ci_publish.pins.plan import MAX_FILE_SIZE, NOT_RECORDED, Edit, FileChange, Place, plan_pins, plan_unpins
from tests.support.publications import digest, publication, record

APP, MINE = digest("a"), digest("b")
RECORD = record(publication("ghcr.io/acme/app"), publication("myapp", character="b", tags=["1.0"]))

DECISIONS = {
    # as written → as pinned; `None` where it stays
    "ghcr.io/acme/app:1.2.3": f"ghcr.io/acme/app:1.2.3@{APP}",
    "ghcr.io/acme/app": f"ghcr.io/acme/app@{APP}",
    f"ghcr.io/acme/app:latest@{digest('0')}": f"ghcr.io/acme/app:latest@{APP}",
    f"ghcr.io/acme/app@{digest('0')}": f"ghcr.io/acme/app@{APP}",
    f"ghcr.io/acme/app@{APP}": None,
    "myapp:1.0": f"myapp:1.0@{MINE}",
    "library/myapp:1.0": f"library/myapp:1.0@{MINE}",
    "docker.io/myapp": f"docker.io/myapp@{MINE}",
    "index.docker.io/library/myapp": f"index.docker.io/library/myapp@{MINE}",
    "myapp:latest": None,
    "ghcr.io/acme/app:2": None,
    "ghcr.io/acme/app2:1.2.3": None,
    "ghcr.io/acme": None,
    "quay.io/acme/app:1.2.3": None,
    "ghcr.io/Acme/app:1.2.3": None,
    "'ghcr.io/acme/app:'": None,
    "ghcr.io/acme/app@sha256:abc": None,
    "ghcr.io/acme/app:${TAG}": None,
    "ghcr.io/acme/app:$TAG": None,
    "'{{ image }}'": None,
    "'{% raw %}'": None,
    "<IMAGE>": None,
}


@pytest.mark.parametrize(("written", "pinned"), DECISIONS.items(), ids=DECISIONS.keys())
def test_a_reference_gets_the_digest_of_its_publication_or_stays(
    tmp_path: Path, written: str, pinned: str | None
) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  a:\n    image: {written}\n", encoding="utf-8")
    plan = plan_pins([path], RECORD)
    assert [(edit.old, edit.new) for edit in plan.edits] == ([(written, pinned)] if pinned else [])


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("nginx", NOT_RECORDED),
        ("myapp:2.0", "the record has bbbbbbbbbbbb without the tag 2.0"),
        ("${IMAGE}", "it is a template, or holds a variable"),
        ("My/App", "'App' is not the name of a repository"),
        (r'"my\x61pp"', "it is written with escapes or over several lines"),
    ],
)
def test_what_stays_has_a_reason(tmp_path: Path, image: str, reason: str) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  a:\n    image: {image}\n", encoding="utf-8")
    (skip,) = plan_pins([path], RECORD).skips
    assert reason in skip.reason
    assert str(skip.place) == f"{path}:3:12"


def test_unpin_removes_the_digests_of_recorded_images_whatever_they_are(tmp_path: Path) -> None:
    pinned = [f"ghcr.io/acme/app:9@{digest('0')}", f"myapp@{MINE}"]
    others = [f"nginx@{digest('0')}", "myapp:1.0"]
    path = tmp_path / "Dockerfile"
    path.write_text("".join(f"FROM {name}\n" for name in pinned + others), encoding="utf-8")
    plan = plan_unpins([path], RECORD)
    assert [(edit.old, edit.new) for edit in plan.edits] == [(name, name.split("@")[0]) for name in pinned]


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5), st.text())
def test_edits_change_their_spans_and_nothing_else(parts: list[tuple[str, str, str]], rest: str) -> None:
    place = Place(Path("f"), 1, 1)
    before, after, edits = "", "", []
    for kept, old, new in parts:
        start = len(before) + len(kept)
        edits.append(Edit(place, start, start + len(old), old, new))
        before, after = before + kept + old, after + kept + new
    assert FileChange(Path("f"), before + rest, tuple(edits)).after == after + rest


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: [b\n", ":2:1: not valid YAML"),
        (b"a: b\n  - c: *d\n", ":2:"),
        (b"x: *nope\n", ":1:4: not valid YAML: found undefined alias 'nope'"),
        (b"a: b\nc: \x07\n", ":2:4: not valid YAML: control characters are not allowed"),
        (b"\xef\xbb\xbfa:\n\tb: c\n", ":2:1: not valid YAML"),
        ("é: é\n".encode() + b"b: \xff\n", ":2:4: not UTF-8"),
        ("a: b".encode("utf-16"), ":1:1: not UTF-8"),
    ],
)
def test_a_broken_file_is_named_with_line_and_column(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(data)
    with pytest.raises(PinError) as refused:
        plan_pins([path], RECORD)
    assert refused.value.message.startswith(f"{path}{message}")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(MAX_FILE_SIZE + 1)
    with pytest.raises(PinError, match="more than"):
        plan_pins([path], RECORD)


def test_a_file_that_is_gone_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PinError, match="cannot be read"):
        plan_pins([tmp_path / "gone.yaml"], RECORD)


def test_places_are_told_in_one_pass(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text("services:\n" + "".join(f"  a{n}:\n    image: x/y:{n}\n" for n in range(60_000)))
    started = time.process_time()
    (*_, last) = plan_pins([file], RECORD).skips

    assert (last.place.line, last.place.column) == (120_001, 12)
    # two seconds, or else twenty
    assert time.process_time() - started < 15
