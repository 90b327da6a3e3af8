import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ci_publish.errors import RegistryError, UsageError
from ci_publish.event.github_api import GitHubApi

Answers = dict[str, tuple[int, Any]]


class Server(ThreadingHTTPServer):
    """Answers from a table; a string is a redirect's target."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: Answers = {}
        self.requests: list[tuple[str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers["Authorization"]))
        status, answer = self.server.answers.get(self.path, (404, {}))
        body = b"" if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        if isinstance(answer, str):
            self.send_header("Location", answer)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def other_server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_the_facts_of_a_repository(server: Server) -> None:
    server.answers["/repos/acme/Widget"] = 200, {"name": "Widget", "license": None, "default_branch": "main"}
    facts = GitHubApi(server.url, "s3cret").repository("acme/Widget")
    assert (facts.name, facts.license, facts.default_branch) == ("Widget", "", "main")
    assert server.requests == [("/repos/acme/Widget", "Bearer s3cret")]


def test_the_date_is_the_committers(server: Server) -> None:
    dates = {"author": {"date": "2001-01-01T00:00:00Z"}, "committer": {"date": "2024-11-13T13:42:28Z"}}
    server.answers["/repos/acme/Widget/commits/abc"] = 200, {"commit": dates}
    date = GitHubApi(server.url, "s3cret").commit_date("acme/Widget", "abc")
    assert date == datetime(2024, 11, 13, 13, 42, 28, tzinfo=UTC)


def test_an_unknown_commit_has_no_date(server: Server) -> None:
    assert GitHubApi(server.url, "s3cret").commit_date("acme/Widget", "a/../b?c") is None
    assert server.requests[0][0] == "/repos/acme/Widget/commits/a%2F..%2Fb%3Fc"


@pytest.mark.parametrize("status", [401, 404])
def test_an_unknown_repository_is_the_users_to_fix(server: Server, status: int) -> None:
    server.answers["/repos/acme/Widget"] = status, {"message": "no"}
    with pytest.raises(UsageError, match="acme/Widget"):
        GitHubApi(server.url, "s3cret").repository("acme/Widget")


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_server_that_cannot_answer_now_is_no_usage_error(server: Server, status: int) -> None:
    server.answers["/repos/acme/Widget"] = status, {}
    with pytest.raises(RegistryError, match=str(status)) as caught:
        GitHubApi(server.url, "s3cret").repository("acme/Widget")
    assert "s3cret" not in caught.value.message


def test_a_server_that_is_not_there(server: Server) -> None:
    url = server.url
    server.server_close()
    with pytest.raises(RegistryError, match="cannot reach"):
        GitHubApi(url, "s3cret").repository("acme/Widget")


@pytest.mark.parametrize("answer", [[], "no object", {"name": 7}])
def test_an_answer_of_another_shape_is_refused(server: Server, answer: Any) -> None:
    server.answers["/repos/acme/Widget"] = 200, answer if isinstance(answer, dict) else [answer]
    with pytest.raises(UsageError, match="GitHub's answer"):
        GitHubApi(server.url, "s3cret").repository("acme/Widget")


def test_a_renamed_repository_is_followed(server: Server) -> None:
    server.answers["/repos/acme/Old"] = 301, f"{server.url}/repositories/1"
    server.answers["/repositories/1"] = 200, {"name": "New"}
    assert GitHubApi(server.url, "s3cret").repository("acme/Old").name == "New"
    assert server.requests[1] == ("/repositories/1", "Bearer s3cret")


def test_the_token_goes_to_no_other_host(server: Server, other_server: Server) -> None:
    server.answers["/repos/acme/Widget"] = 301, f"{other_server.url}/repos/acme/Widget"
    other_server.answers["/repos/acme/Widget"] = 200, {"name": "Stolen"}
    with pytest.raises(RegistryError, match="another host"):
        GitHubApi(server.url, "s3cret").repository("acme/Widget")
    assert other_server.requests == []


@pytest.mark.parametrize("url", ["http://api.github.com", "ftp://127.0.0.1", "api.github.com", "file:///etc"])
def test_the_token_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(UsageError, match="https"):
        GitHubApi(url, "s3cret")


def test_the_token_is_not_shown() -> None:
    assert "s3cret" not in repr(GitHubApi("https://api.github.com", "s3cret"))
