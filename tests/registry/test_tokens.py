from __future__ import annotations

import json
import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import RegistryError
from ci_publish.registry.credentials import Credentials
from ci_publish.registry.scope import Scope
from ci_publish.registry.tokens import Token, TokenCache, TokenService, extend_query, read_token

PULL = Scope("o/i", ("pull",))
PUSH = Scope("o/i", ("pull", "push"))
OTHER = Scope("o/other", ("pull",))
SERVICE = TokenService(httpx.URL("https://auth.example.com/token?tenant=a%2Fb"), "registry.example.com")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def answer(document: object, **headers: str) -> httpx.Response:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return httpx.Response(200, content=content, headers=headers, request=SERVICE.get([], None))


def test_a_token_is_asked_for_by_name_and_password() -> None:
    request = SERVICE.get(["repository:o/i:pull,push", "repository:o/other:pull"], Credentials("me", "secret"))
    assert request.method == "GET"
    assert request.url.params.multi_items() == [
        ("tenant", "a/b"),
        ("service", "registry.example.com"),
        ("scope", "repository:o/i:pull,push"),
        ("scope", "repository:o/other:pull"),
        ("account", "me"),
    ]
    assert str(request.url).startswith("https://auth.example.com/token?tenant=a%2Fb&")
    assert request.headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in str(request.url)


def test_nobody_asks_without_a_name() -> None:
    request = TokenService(httpx.URL("https://auth.example.com/token")).get(["repository:o/i:pull"], None)
    assert str(request.url) == "https://auth.example.com/token?scope=repository%3Ao%2Fi%3Apull"
    assert "Authorization" not in request.headers


def test_an_identity_token_is_exchanged_in_a_form() -> None:
    request = SERVICE.post(["a", "b"], Credentials(identity_token="refresh me"))
    assert (request.method, request.url) == ("POST", SERVICE.realm)
    assert httpx.QueryParams(request.content.decode()).multi_items() == [
        ("grant_type", "refresh_token"),
        ("refresh_token", "refresh me"),
        ("client_id", "ci-publish"),
        ("service", "registry.example.com"),
        ("scope", "a b"),
    ]


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_a_token_lasts_as_long_as_it_says(key: str) -> None:
    token = read_token(answer({key: "abc", "expires_in": 300}), (PULL,), now=1000.0)
    assert token == Token("abc", (PULL,), 1300.0)
    assert token.header == "Bearer abc"
    assert "abc" not in repr(token)


@pytest.mark.parametrize("life", [None, 0, 5, -1, "300", [], True])
def test_a_token_lasts_a_minute_at_least(life: object) -> None:
    assert read_token(answer({"token": "abc", "expires_in": life}), (), now=1000.0).expires == 1060.0


@pytest.mark.parametrize(
    ("issued_at", "date", "expires"),
    [
        ("2026-10-21T07:27:00Z", "Wed, 21 Oct 2026 07:28:00 GMT", 1240.0),
        ("2026-10-21T07:27:00.123456789Z", "Wed, 21 Oct 2026 07:28:00 GMT", pytest.approx(1240.0, abs=0.2)),
        ("2026-10-21T07:29:00Z", "Wed, 21 Oct 2026 07:28:00 GMT", 1300.0),
        ("yesterday", "Wed, 21 Oct 2026 07:28:00 GMT", 1300.0),
        ("2026-10-21T07:27:00", "Wed, 21 Oct 2026 07:28:00 GMT", 1300.0),
        ("2026-10-21T07:27:00Z", "now", 1300.0),
    ],
)
def test_a_token_ages_by_the_clock_of_its_service(issued_at: str, date: str, expires: float) -> None:
    document = {"token": "abc", "expires_in": 300, "issued_at": issued_at}
    assert read_token(answer(document, Date=date), (), now=1000.0).expires == expires


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        "abc",
        None,
        {"token": ""},
        {"token": 1},
        {"token": "a\r\nX: y"},
        {"token": "a b"},
        b"<html>",
        b"[" * 9999,
    ],
)
def test_an_answer_without_a_token_is_an_error(document: object) -> None:
    with pytest.raises(RegistryError, match=r"auth\.example\.com answered without a token"):
        read_token(answer(document), (), now=0.0)


def test_a_token_is_found_by_what_it_covers_until_shortly_before_its_end() -> None:
    clock = Clock()
    cache = TokenCache(clock)
    assert cache.find((PULL,)) is None
    token = Token("abc", (PUSH,), clock.now + 60)
    cache.keep(token)
    assert cache.find((PULL,)) is token
    assert cache.find((PUSH,)) is token
    assert cache.find(()) is token
    assert cache.find((PUSH, OTHER)) is None
    clock.now += 54
    assert cache.find((PULL,)) is token
    clock.now += 2
    assert cache.find((PULL,)) is None


def test_a_refused_token_is_found_no_more() -> None:
    cache = TokenCache(Clock())
    cache.keep(Token("old", (PULL,), 9999.0))
    cache.keep(Token("other", (OTHER,), 9999.0))
    cache.drop("Bearer old")
    assert cache.find((PULL,)) is None
    assert cache.find((OTHER,)) is not None


def test_only_who_wants_the_same_scopes_waits() -> None:
    cache = TokenCache(Clock())
    entered = threading.Event()

    def fetch() -> None:
        with cache.fetching((PULL,)):
            entered.set()

    waiting = threading.Thread(target=fetch)
    with cache.fetching((PULL,)):
        with cache.fetching((OTHER,)):
            waiting.start()
        assert not entered.wait(0.05)
    assert entered.wait(5)
    waiting.join()


@given(st.text("abc/%=&?+ ", max_size=8).map(lambda text: text.replace("%", "%25")))
def test_a_query_is_extended_without_a_change_to_what_is_there(query: str) -> None:
    url = httpx.URL("https://h.example/p").copy_with(query=query.replace(" ", "%20").encode())
    extended = extend_query(url, "digest=sha256%3Aaa")
    assert extended.query.endswith(b"digest=sha256%3Aaa")
    assert extended.query[: len(url.query)] == url.query
    assert extended.params["digest"] == "sha256:aa"


@pytest.mark.parametrize("lifetime", ["1e999", "-1e999", "NaN", "1" + "0" * 400, "-5", "true", '"long"'])
def test_no_lifetime_is_too_strange(lifetime: str) -> None:
    body = f'{{"token": "abc", "expires_in": {lifetime}}}'.encode()
    token = read_token(httpx.Response(200, content=body), (PULL,), now=0.0)

    assert 60 <= token.expires <= 7 * 24 * 3600
