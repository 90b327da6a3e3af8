import http.client
import json
from contextlib import closing

import httpx
import pytest

from ci_publish.server.parameters import PARSERS
from ci_publish.server.refusal import STATUS, Refusal
from ci_publish.server.routes import ROUTES
from tests.server.client import codes, push_image
from tests.support.registry import WatchedRegistry

# Repositories may be called what the spec's own paths are called.
AWKWARD = [
    "blobs",
    "manifests",
    "a/blobs/uploads",
    "a/manifests/b",
    "tags/list",
    "v2",
    "a/referrers/b",
    "a-b/c__d/e.f/0--1",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_any_name_works(client: httpx.Client, name: str) -> None:
    digest = push_image(client, name, "latest")
    assert client.get(f"/v2/{name}/tags/list").json() == {"name": name, "tags": ["latest"]}
    assert client.get(f"/v2/{name}/manifests/latest").headers["Docker-Content-Digest"] == str(digest)
    assert client.get(f"/v2/{name}/referrers/{digest}").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["A", "a/", "/a", "a//b", "../a", "a/../b", "a_", "-a", ".", "a%00b", "a%20b", "a" * 300, "%C3%A4", "a%2F..%2Fb"],
)
@pytest.mark.parametrize("path", ["blobs/uploads/", "tags/list", "manifests/latest"])
def test_other_names_are_refused(registry: WatchedRegistry, name: str, path: str) -> None:
    # not with httpx, which resolves the dots
    with closing(http.client.HTTPConnection(registry.address)) as connection:
        connection.request("POST" if "uploads" in path else "GET", f"/v2/{name}/{path}")
        response = connection.getresponse()
        assert response.status == 400
        assert json.loads(response.read())["errors"][0]["code"] == "NAME_INVALID"


@pytest.mark.parametrize(
    "path", ["/", "/v1/", "/v2", "/v2/_catalog", "/v2/a", "/v2/a/blobs/", "//v2/", "/v2/a/blobs/x/y"]
)
def test_other_paths_are_not_found(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert codes(response) == ["UNSUPPORTED"]


def test_other_methods_are_refused_with_those_that_work(client: httpx.Client) -> None:
    response = client.patch("/v2/a/manifests/latest")
    assert response.status_code == 405
    assert codes(response) == ["UNSUPPORTED"]
    assert response.headers["Allow"] == "DELETE, GET, HEAD, PUT"
    assert client.get("/v2/a/blobs/uploads/").headers["Allow"] == "POST"


def test_every_parameter_of_a_path_has_a_parser() -> None:
    used = {part[1:-1] for _, path, _ in ROUTES for part in path.split("/") if part.startswith("{")}
    assert used == PARSERS.keys()


@pytest.mark.parametrize("code", STATUS)
def test_every_code_is_an_answer(code: str) -> None:
    answer = Refusal(code, "message", detail={"a": 1}).answer()
    assert answer.status == STATUS[code] >= 400
    assert answer.body == b'{"errors":[{"code":"%s","message":"message","detail":{"a":1}}]}' % code.encode()
