"""Which nodes a path reaches, and which characters of the text they are."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ci_publish.errors import PinError
from ci_publish.pins import find_sites
from ci_publish.pins.formats import yaml_nodes
from ci_publish.pins.formats.site import Site
from ci_publish.pins.formats.yaml_format import YamlFormat, find_in_yaml

PATHS = {
    # path, text → what it reaches
    ("a", "a: x"): ["x"],
    ("a", "a: {b: x}"): [],
    ("a", "b: x"): [],
    ("a.b", "a: {b: x, c: y}"): ["x"],
    ("a.*", "a: {b: x, c: y, d: [z], 1: w, ~: v, [q]: u}"): ["x", "y", "w", "v", "u"],
    ("a[*]", "a: [x, y, {z: 1}]"): ["x", "y"],
    ("a[*].b", "a: [{b: x}, {b: y}, b]"): ["x", "y"],
    ("a[*][*]", "a: [[x], y]"): ["x"],
    ("[*].a", "[{a: x}]"): ["x"],
    ("a.b", "a: [{b: x}]"): [],
    ("a[*]", "a: {b: x}"): [],
    ("a.**.b", "a: {b: x, c: {b: y}, d: [{b: z}]}"): ["x", "y", "z"],
    ("a.**.b.c", "a: {b: {b: {c: x}}}"): ["x"],
    ("**.b", "{a: {b: x}, b: y}"): ["x", "y"],
    ("a", "a: x\n---\na: y\n...\n---\nb: z"): ["x", "y"],
    ("a", "? a\n: x"): ["x"],
    ("a", "'a': x\n\"\\x61\": y"): ["x", "y"],
    ("a", "a:"): [],
    ("a", "a: ''"): [],
    ("a", "a: &n x\nb: *n"): ["x"],
    ("a", "b: &n x\na: *n"): ["x"],
    ("*", "b: &n x\na: *n"): ["x"],
    ("a.i", "b: &n {i: x}\na: {<<: *n}"): ["x"],
    ("a.i", "a: {<<: [{i: x}, {i: y}]}"): ["x", "y"],
    ("a.i", "a: {'<<': {i: x}}"): [],
    ("a.**.i", "a: &n {b: *n, i: x}"): ["x"],
    ("a", "x"): [],
    ("a", ""): [],
    ("a", "# only a comment"): [],
}


def found(path: str, text: str) -> list[str]:
    sites = find_in_yaml(text, [YamlFormat("test", ("*.yaml",), (path,))], name="f")
    return [site.text for site in sorted(set(sites), key=lambda site: site.start)]


@pytest.mark.parametrize(("path", "text", "values"), [(*key, value) for key, value in PATHS.items()])
def test_a_path_reaches(path: str, text: str, values: list[str]) -> None:
    assert found(path, text) == values


def test_a_document_must_have_the_keys_of_its_format() -> None:
    row = YamlFormat("test", ("*.yaml",), ("a",), where={"kind": frozenset({"X", "Y"})})
    text = "---\n".join(f"{{kind: {kind}, a: '{kind}1'}}\n" for kind in ("X", "Y", "Z", "[X]", "{X: X}")) + "---\na: b"
    assert [site.text for site in find_in_yaml(text, [row], name="f")] == ["X1", "Y1"]


REFERENCE = st.from_regex(r"[a-z0-9]{1,4}(\.io)?(/[a-z]{1,3})?(:[A-Za-z0-9_.]{1,4})?", fullmatch=True).filter(
    lambda text: not text.endswith(("~",))
)
STYLES = {
    "plain": "{}",
    "single": "'{}'",
    "double": '"{}"',
    "anchored": "&n-1_ {}",
    "tagged": "!!str {}",
    "tagged and anchored": "!<tag:yaml.org,2002:str> &a '{}'",
    "anchored on the line before": "&a # why\n      {}",
    "folded": ">\n      {}",
    "literal": "|\n      {}",
    "stripped": ">- # c\n\n      {}\n\n",
    "kept": "|+\n      {}\n\n",
    "indented": "|2-\n        {}",
}


@given(
    style=st.sampled_from(sorted(STYLES.values())),
    line_end=st.sampled_from(("\n", "\r\n")),
    lead=st.sampled_from(("", "\ufeff", "# é 𝄞\n", "%YAML 1.1\n---\n")),
    reference=REFERENCE,
)
@settings(max_examples=400)
def test_a_scalar_of_every_style_is_found_exactly(style: str, line_end: str, lead: str, reference: str) -> None:
    text = f"{lead}services:\n  é𝄞:\n    image: {style.format(reference)}\n    x: {reference}\n".replace("\n", line_end)
    (site,) = find_sites(Path("f.yaml"), text)
    assert (site.text, site.obstacle) == (reference, "")
    assert text[site.start : site.end] == reference
    # replaced, a reader sees the other value at this place, and the same values elsewhere
    pinned = f"{text[: site.start]}new:1@sha256:00{text[site.end :]}"
    before, after = (scalars(part) for part in (text, pinned))
    assert [value.strip() for value in after] == [
        "new:1@sha256:00" if number == 3 else value.strip() for number, value in enumerate(before)
    ]


@given(
    st.recursive(
        st.text(max_size=6) | st.integers() | st.none(),
        lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "<<", "é")), below),
        max_leaves=12,
    ),
    st.sampled_from((True, False, None)),
)
def test_a_site_is_the_text_that_it_says(value: object, flow: bool | None) -> None:  # noqa: FBT001 - hypothesis passes it
    text = yaml.safe_dump({"x": value}, allow_unicode=True, default_flow_style=flow)
    for site in find_in_yaml(text, [YamlFormat("test", (), ("x.**.a", "x.**[*]"))], name="f"):
        assert site.obstacle or text[site.start : site.end] == site.text


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \t\n\r\ufeff\x85\u2028é𝄞", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    sites: tuple[Site, ...] = ()
    with suppress(PinError):
        sites = find_sites(Path("f.yaml"), f"services: {{a: {{image: {text}}}}}")
    assert [site for site in sites if not site.obstacle and site.text not in text] == []


def scalars(text: str) -> list[str]:
    events = yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
    return [event.value for event in events if isinstance(event, yaml.ScalarEvent)]


def test_json_is_yaml() -> None:
    document = {"services": {"a": {"image": "x:1"}, "b": {"image": "y"}}}
    for indent in (None, 2):
        sites = find_sites(Path("f.yaml"), json.dumps(document, indent=indent))
        assert [site.text for site in sites] == ["x:1", "y"]


def test_depth_and_repetition_cost_little() -> None:
    deep = "[" * 900 + "]" * 900
    assert found("**.a", deep) == []
    # more would cost libyaml time squared
    with pytest.raises(PinError, match=r"f:1:1001: .* nested"):
        found("**.a", "[" * 1_000_000)
    # each line doubles what a reader sees that follows every alias
    bomb = "a0: &a0 {i: x}\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert found("**.i", bomb) == ["x"]


def test_a_template_that_is_no_yaml_is_one_site_with_a_reason() -> None:
    (site,) = find_sites(Path("f.yaml"), "a:\n{{- if x }}\n  image: y\n{{ end }}\n")
    assert site.obstacle.startswith("the file is a template")
    assert site.text == "{{"


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_both_parsers_give_the_same_places(loader: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "_LOADER", loader)
    text = (Path(__file__).parent.parent / "cases" / "kubernetes.yaml.in").read_bytes().decode()
    sites = find_sites(Path("f.yaml"), f"\ufeff{text}")
    assert len(sites) == 17
    assert {f"\ufeff{text}"[site.start : site.end] == site.text for site in sites} == {True}
