"""The authentication protocol, driven by hand: no request is sent."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from ci_publish.errors import AuthError, RegistryError
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.credentials import Credentials
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.scope import Scope, Scopes

HOST = "registry.example.com"
PULL = Scope("o/i", ("pull",))
PUSH = Scope("o/i", ("pull", "push"))
ME = Credentials("me", "secret")
BASIC = 'Basic realm="here"'
BEARER = f'Bearer realm="https://auth.example.com/token",service="{HOST}"'

Reply = Callable[[httpx.Request], httpx.Response]


class Conversation:
    """A registry and its token service as one function, and what they were asked."""

    def __init__(self, credentials: Credentials | None, reply: Reply) -> None:
        self.now = 0.0
        self.asked: list[tuple[str, str, str]] = []
        self.auth = RegistryAuth(Endpoint.of(HOST), credentials, clock=lambda: self.now)
        self._reply = reply

    def send(self, url: str = f"https://{HOST}/v2/o/i/x", scopes: Scopes = (PULL,), method: str = "GET") -> int:
        request = httpx.Request(method, url)
        flow = self.auth.flow(request, scopes)
        step = next(flow)
        while True:
            self.asked.append((step.method, str(step.url.copy_with(query=None)), step.headers.get("Authorization", "")))
            response = self._reply(step)
            response.request = step
            try:
                step = flow.send(response)
            except StopIteration as end:
                answer: httpx.Response = end.value
                break
        assert answer.request is request
        return answer.status_code

    @property
    def last_header(self) -> str:
        return self.asked[-1][2]


def refusal(*challenges: str) -> httpx.Response:
    return httpx.Response(401, headers=[("WWW-Authenticate", challenge) for challenge in challenges])


class TokenRegistry:
    """A registry that takes the tokens it gave, until it is told to forget them."""

    def __init__(self, *challenges: str) -> None:
        self.challenges = challenges or (BEARER,)
        self.given: list[str] = []
        self.accepted: set[str] = set()
        self.scopes: list[list[str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == HOST:
            return (
                httpx.Response(200)
                if request.headers.get("Authorization") in self.accepted
                else refusal(*self.challenges)
            )
        self.scopes.append(request.url.params.get_list("scope"))
        token = f"token-{len(self.scopes)}"
        self.accepted.add(f"Bearer {token}")
        return httpx.Response(200, json={"token": token, "expires_in": 300})


def test_a_registry_without_authentication_is_asked_as_it_is() -> None:
    conversation = Conversation(ME, lambda request: httpx.Response(200))
    assert conversation.send() == 200
    assert conversation.send() == 200
    resource = ("GET", f"https://{HOST}/v2/o/i/x", "")
    assert conversation.asked == [("GET", f"https://{HOST}/v2/", ""), resource, resource]


def test_basic_is_sent_from_the_first_request_on() -> None:
    conversation = Conversation(
        ME, lambda request: httpx.Response(200) if "Authorization" in request.headers else refusal(BASIC)
    )
    assert conversation.send() == 200
    assert [header for _, _, header in conversation.asked] == ["", "Basic bWU6c2VjcmV0"]


def test_a_wrong_password_is_sent_once() -> None:
    conversation = Conversation(ME, lambda request: refusal(BASIC))
    assert conversation.send() == 401
    assert len(conversation.asked) == 2


def test_nobody_has_nothing_to_say_to_basic() -> None:
    conversation = Conversation(None, lambda request: refusal(BASIC))
    assert conversation.send() == 401
    assert {header for _, _, header in conversation.asked} == {""}


@pytest.mark.parametrize("credentials", [None, ME])
def test_a_token_is_fetched_before_the_first_request_and_used_again(credentials: Credentials | None) -> None:
    registry = TokenRegistry()
    conversation = Conversation(credentials, registry)
    assert conversation.send() == conversation.send() == 200
    assert [url for _, url, _ in conversation.asked] == [
        f"https://{HOST}/v2/",
        "https://auth.example.com/token",
        f"https://{HOST}/v2/o/i/x",
        f"https://{HOST}/v2/o/i/x",
    ]
    assert conversation.asked[1][2] == (credentials.basic() if credentials else "")
    assert registry.scopes == [["repository:o/i:pull"]]


def test_each_scope_has_its_token_and_a_wider_one_serves() -> None:
    registry = TokenRegistry()
    conversation = Conversation(ME, registry)
    for scopes in ((PULL,), (PUSH,), (PULL,), (Scope("o/other", ("pull",)),)):
        conversation.send(scopes=scopes)
    assert registry.scopes == [["repository:o/i:pull"], ["repository:o/i:pull,push"], ["repository:o/other:pull"]]


def test_scopes_are_asked_for_in_their_order() -> None:
    registry = TokenRegistry()
    Conversation(ME, registry).send(scopes=(PUSH, Scope("a/source", ("pull",))))
    assert registry.scopes == [["repository:o/i:pull,push", "repository:a/source:pull"]]


def test_a_token_is_renewed_before_it_ends() -> None:
    registry = TokenRegistry()
    conversation = Conversation(ME, registry)
    conversation.send()
    conversation.now = 296.0
    registry.accepted.clear()
    assert conversation.send() == 200
    assert conversation.last_header == "Bearer token-2"
    # no request went out with the old one
    assert sum(header == "Bearer token-1" for _, _, header in conversation.asked) == 1


def test_a_token_that_is_refused_is_renewed_once() -> None:
    registry = TokenRegistry()
    conversation = Conversation(ME, registry)
    conversation.send()
    registry.accepted.clear()
    assert conversation.send() == 200
    assert [header for _, _, header in conversation.asked[-3:]] == ["Bearer token-1", ME.basic(), "Bearer token-2"]


def test_a_registry_that_refuses_every_token_is_asked_twice() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(BEARER) if request.url.host == HOST else httpx.Response(200, json={"token": "x"})

    conversation = Conversation(ME, reply)
    assert conversation.send() == 401
    assert len(conversation.asked) <= 5


def test_what_a_401_asks_for_comes_first() -> None:
    registry = TokenRegistry(
        BEARER,
    )
    conversation = Conversation(ME, registry)
    conversation.send()
    registry.accepted.clear()
    registry.challenges = (f'{BEARER},scope="repository:o/i:pull,push repository:x:pull",error="insufficient_scope"',)
    assert conversation.send() == 200
    assert registry.scopes[-1] == ["repository:o/i:pull,push", "repository:x:pull", "repository:o/i:pull"]


def test_a_challenge_that_comes_late_is_met() -> None:
    registry = TokenRegistry()

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200) if request.url.path == "/v2/" else registry(request)

    assert Conversation(ME, reply).send() == 200


def test_the_challenge_of_the_api_holds_where_a_resource_has_none() -> None:
    registry = TokenRegistry()
    conversation = Conversation(ME, registry)
    conversation.send()
    registry.accepted.clear()

    def silent(request: httpx.Request) -> httpx.Response:
        response = registry(request)
        response.headers.pop("WWW-Authenticate", None)
        return response

    conversation._reply = silent
    assert conversation.send() == 200


def test_a_registry_out_of_order_is_asked_again_what_it_wants() -> None:
    answers = iter([httpx.Response(503), httpx.Response(200), refusal(BASIC), httpx.Response(200)])
    conversation = Conversation(ME, lambda request: next(answers))
    assert conversation.send() == conversation.send() == 200
    assert conversation.last_header == ME.basic()


@pytest.mark.parametrize(
    "challenges", [("Negotiate", BASIC), (f"Negotiate, {BASIC}",), (f"{BASIC}, {BEARER}",), ("NTLM abc=, BASIC",)]
)
def test_the_first_known_challenge_counts(challenges: tuple[str, ...]) -> None:
    conversation = Conversation(
        ME, lambda request: httpx.Response(200) if "Authorization" in request.headers else refusal(*challenges)
    )
    assert conversation.send() == 200
    assert conversation.last_header == ME.basic()


def test_an_unknown_challenge_is_an_error() -> None:
    with pytest.raises(AuthError, match="negotiate"):
        Conversation(ME, lambda request: refusal("Negotiate")).send()


@pytest.mark.parametrize(
    "realm",
    [
        "http://auth.example.com/token",
        "https://169.254.169.254/token",
        "https://127.0.0.1/token",
        "/token",
        "",
        "https://me:secret@auth.example.com/",
    ],
)
def test_a_realm_that_is_not_safe_gets_nothing(realm: str) -> None:
    conversation = Conversation(ME, lambda request: refusal(f'Bearer realm="{realm}"'))
    with pytest.raises(RegistryError):
        conversation.send()
    assert len(conversation.asked) == 1


def test_a_bearer_challenge_without_a_realm_is_an_error() -> None:
    with pytest.raises(RegistryError, match="where to get one"):
        Conversation(ME, lambda request: refusal('Bearer service="x"')).send()


@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthError), (403, AuthError), (500, RegistryError), (404, RegistryError)]
)
def test_a_token_service_that_refuses_is_an_error(status: int, kind: type[RegistryError]) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(BEARER) if request.url.host == HOST else httpx.Response(status, json={"details": "no way"})

    with pytest.raises(RegistryError, match="no way") as caught:
        Conversation(ME, reply).send()
    assert type(caught.value) is kind
    assert caught.value.url == "https://auth.example.com/token"
    assert "secret" not in repr(caught.value)


def test_an_identity_token_is_exchanged_by_form() -> None:
    methods: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.host == HOST:
            return httpx.Response(200) if "Authorization" in request.headers else refusal(BEARER)
        methods.append(request.method)
        assert b"refresh_token=refresh" in request.content
        return httpx.Response(200, json={"access_token": "x"})

    assert Conversation(Credentials("<token>", identity_token="refresh"), reply).send() == 200
    assert methods == ["POST"]


def test_an_identity_token_falls_back_to_the_older_protocol() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.host == HOST:
            return httpx.Response(200) if "Authorization" in request.headers else refusal(BEARER)
        return httpx.Response(404) if request.method == "POST" else httpx.Response(200, json={"token": "x"})

    conversation = Conversation(Credentials(identity_token="refresh"), reply)
    assert conversation.send() == 200
    # base64 of <token>:refresh
    assert ("GET", "https://auth.example.com/token", "Basic PHRva2VuPjpyZWZyZXNo") in conversation.asked


def test_an_expired_identity_token_is_a_refusal() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        return refusal(BEARER) if request.url.host == HOST else httpx.Response(400, json={"error": "invalid_grant"})

    with pytest.raises(AuthError, match="invalid_grant"):
        Conversation(Credentials(identity_token="old"), reply).send()


def test_a_registry_token_is_sent_as_it_is() -> None:
    conversation = Conversation(
        Credentials(registry_token="raw"),
        lambda request: httpx.Response(200) if "Authorization" in request.headers else refusal(BEARER),
    )
    assert conversation.send() == 200
    assert conversation.last_header == "Bearer raw"
    assert all(url.startswith(f"https://{HOST}/") for _, url, _ in conversation.asked)


@pytest.mark.parametrize(
    "url", ["https://storage.example.com/u", f"http://{HOST}/u", f"https://{HOST}:444/u", f"https://x.{HOST}/u"]
)
def test_other_origins_get_no_credentials(url: str) -> None:
    conversation = Conversation(ME, TokenRegistry(BASIC))
    conversation.send(url)
    assert conversation.asked == [("GET", url, "")]


def test_a_401_of_storage_after_a_redirect_is_no_challenge_to_us() -> None:
    conversation = Conversation(ME, lambda request: httpx.Response(200))
    conversation.send()
    request = httpx.Request("GET", f"https://{HOST}/v2/o/i/x")
    flow = conversation.auth.flow(request, (PULL,))
    assert next(flow) is request
    stored = refusal('Bearer realm="https://evil.example.com/token"')
    stored.request = httpx.Request("GET", "https://storage.example.com/x")
    with pytest.raises(StopIteration):
        flow.send(stored)


def test_a_request_given_up_lets_others_go_on() -> None:
    conversation = Conversation(ME, TokenRegistry())
    for _ in range(2):
        flow = conversation.auth.flow(httpx.Request("GET", f"https://{HOST}/v2/o/i/x"), (PULL,))
        next(flow)
        flow.close()
    assert conversation.send() == 200


def test_a_token_is_told_of_before_it_is_used() -> None:
    events: list[str] = []
    auth = RegistryAuth(Endpoint.of(HOST), ME, clock=lambda: 0.0, on_token=lambda token: events.append(f"told {token}"))
    registry = TokenRegistry()
    step = next(flow := auth.flow(httpx.Request("GET", f"https://{HOST}/v2/o/i/x"), (PULL,)))
    while not events or step.url.path != "/v2/o/i/x":
        events.append(f"{step.url.host} {step.headers.get('Authorization', '')}".strip())
        response = registry(step)
        response.request = step
        step = flow.send(response)
    flow.close()

    assert events == [HOST, f"auth.example.com {ME.basic()}", "told token-1"]
    assert step.headers["Authorization"] == "Bearer token-1"
