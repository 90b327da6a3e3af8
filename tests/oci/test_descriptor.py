from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import MalformedError
from ci_publish.oci import Descriptor, Digest
from ci_publish.oci.document import canonical, parse_object
from tests.oci.test_platform import platforms

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
descriptors = st.builds(
    Descriptor,
    texts,
    st.binary(max_size=4).map(Digest.of),
    st.integers(0, 2**63 - 1),
    st.none() | platforms,
    st.dictionaries(texts, texts, max_size=3),
    st.lists(texts, max_size=2).map(tuple),
    texts,
)
VALID: dict[str, Any] = {"mediaType": "text/plain", "digest": str(Digest.of(b"x")), "size": 1}


@given(descriptors)
def test_json_is_read_as_it_was_written(descriptor: Descriptor) -> None:
    document = parse_object(canonical(descriptor.to_json()), "it")
    assert Descriptor.from_json(document, "it") == descriptor


@given(descriptors)
def test_json_does_not_depend_on_the_order_of_annotations(descriptor: Descriptor) -> None:
    reverse = dict(reversed(list(descriptor.annotations.items())))
    other = Descriptor.from_json({**descriptor.to_json(), "annotations": reverse}, "it")
    assert json.dumps(other.to_json()) == json.dumps(descriptor.to_json())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": -1}, "impossible size"),
        ({"size": 2**63}, "impossible size"),
        ({"size": "1"}, "is not a whole number"),
        ({"size": True}, "is not a whole number"),
        ({"size": None}, "has no 'size'"),
        ({"digest": None}, "has no 'digest'"),
        ({"digest": "x"}, "is not a digest"),
        ({"mediaType": None}, "has no 'mediaType'"),
        ({"mediaType": 1}, "is not a string"),
        ({"annotations": {"a": 1}}, "is not a string"),
        ({"urls": "https://example.org"}, "is not a list"),
        ({"platform": "linux/amd64"}, "is not an object"),
    ],
)
def test_what_breaks_the_specification_is_malformed(change: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        Descriptor.from_json(VALID | change, "it")


def test_fields_from_later_versions_are_left_alone() -> None:
    assert Descriptor.from_json(VALID | {"data": "eA==", "new": {}}, "it") == Descriptor.from_json(VALID, "it")
