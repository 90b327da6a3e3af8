from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.registry.error_body import ErrorBody, clean

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["errors", "code", "message"]), inner),
)


@pytest.mark.parametrize(
    ("data", "codes", "text"),
    [
        (b'{"errors":[{"code":"DENIED","message":"denied"}]}', ("DENIED",), "DENIED: denied"),
        (b'{"errors":[{"code":"name_unknown"}]}', ("NAME_UNKNOWN",), "name_unknown"),
        (
            b'{"errors":[{"code":"A","message":"x"},{"code":"B","message":"y"},{"code":"A","message":"x"}]}',
            ("A", "B"),
            "A: x; B: y",
        ),
        (
            b'{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"unknown","detail":"sha256:00"}]}',
            ("MANIFEST_BLOB_UNKNOWN",),
            "MANIFEST_BLOB_UNKNOWN: unknown: sha256:00",
        ),
        (b'{"details":"incorrect username or password"}', (), "incorrect username or password"),
        (b'{"error":"invalid_grant","error_description":"expired"}', (), "invalid_grant; expired"),
        (b"plain text\n second line", (), "plain text second line"),
        (b"", (), ""),
        (b"[]", (), ""),
        (b'{"errors":{}}', (), ""),
        (b'{"errors":[1,{"code":7}]}', (), ""),
        (b"\xff\xfe", (), "\ufffd\ufffd"),
    ],
)
def test_what_an_error_says(data: bytes, codes: tuple[str, ...], text: str) -> None:
    assert ErrorBody.parse(data) == ErrorBody(codes, text)


@pytest.mark.parametrize(("data", "kind"), [(b"<!DOCTYPE html><p>hi", ""), (b"sign in", "text/html; charset=utf-8")])
def test_a_web_page_is_known_as_one(data: bytes, kind: str) -> None:
    assert ErrorBody.parse(data, kind) == ErrorBody(is_page=True)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_is_read_as_one_printable_line(data: bytes) -> None:
    body = ErrorBody.parse(data)
    assert body.text.isprintable()
    assert len(body.text) <= 301


def test_deep_nesting_is_text_too_long_to_repeat() -> None:
    assert len(ErrorBody.parse(b"[" * 60_000).text) <= 301


@pytest.mark.parametrize(
    "text",
    [
        "token ghp_0123456789abcdef refused",
        "Authorization: Basic dXNlcjpwYXNzd29yZA== refused",
        "Bearer abcdefgh.ijklmnop refused",
        "eyJhbGciOi.eyJzdWIi.c2ln refused",
        "github_pat_11ABCDEFG refused",
        "https://storage.example.com/x?X-Amz-Signature=0123456789 refused",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    line = clean(text)
    assert "***" in line
    assert line.endswith("refused")
    for secret in ("0123456789", "dXNlcj", "abcdefgh", "eyJ", "11ABCDEFG"):
        assert secret not in line
