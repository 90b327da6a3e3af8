import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.event import ORIGINS, RefEvent, Surroundings
from ci_publish.event.checkout import checkout_event, has_checkout, remote_facts
from tests.support.events import NOW

_IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "c",
    "GIT_COMMITTER_EMAIL": "c@example.com",
    "GIT_AUTHOR_DATE": "2001-02-03T04:05:06Z",
    "GIT_COMMITTER_DATE": "2024-11-13T15:42:28+02:00",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


class Checkout:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        environ = os.environ | _IDENTITY
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=environ, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def event(self) -> RefEvent:
        return checkout_event(Surroundings({}, self.path, NOW))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_the_table_of_origins_has_it() -> None:
    assert ORIGINS["git"] is checkout_event


def test_a_branch(checkout: Checkout) -> None:
    sha = checkout.commit()
    checkout.git("tag", "v1.0.0")
    checkout.git("remote", "add", "origin", "git@github.com:acme/Widget.git")
    event = checkout.event()
    assert (event.kind, event.ref, event.sha) == ("push", "refs/heads/main", sha)
    assert event.commit_date == datetime(2024, 11, 13, 13, 42, 28, tzinfo=UTC)
    assert event.repository.html_url == "https://github.com/acme/Widget"


def test_a_folder_inside(checkout: Checkout) -> None:
    checkout.commit()
    inside = checkout.path / "a" / "b"
    inside.mkdir(parents=True)
    assert checkout_event(Surroundings({}, inside, NOW)).branch == "main"


def test_of_several_tags_the_highest_version(checkout: Checkout) -> None:
    checkout.commit()
    for tag in ("zeta", "v1.9.0", "v1.10.0-rc.1", "v1.10.0", "v1.2.0", "v2"):
        checkout.git("tag", tag)
    checkout.git("checkout", "-q", "--detach")
    assert checkout.event().ref == "refs/tags/v1.10.0"


def test_a_tag_that_is_no_version(checkout: Checkout) -> None:
    checkout.commit()
    checkout.git("tag", "stable")
    checkout.git("checkout", "-q", "--detach")
    assert checkout.event().tag == "stable"


def test_a_tag_before_the_branch_when_it_is_preferred(checkout: Checkout) -> None:
    checkout.commit()
    surroundings = Surroundings({}, checkout.path, NOW)
    assert checkout_event(surroundings, prefers_tag=True).branch == "main"
    checkout.git("tag", "v1.2.3")
    assert checkout_event(surroundings, prefers_tag=True).tag == "v1.2.3"
    assert checkout_event(surroundings).branch == "main"


def test_a_detached_pull_request(checkout: Checkout) -> None:
    sha = checkout.commit()
    checkout.git("checkout", "-q", "--detach")
    checkout.git("update-ref", "refs/remotes/origin/topic", sha)
    checkout.git("update-ref", "refs/remotes/pull/7/merge", sha)
    assert checkout.event().pull_request == "7"


def test_a_detached_branch(checkout: Checkout) -> None:
    sha = checkout.commit()
    checkout.git("checkout", "-q", "--detach")
    checkout.git("update-ref", "refs/remotes/origin/release/1", sha)
    assert checkout.event().branch == "release/1"
    checkout.git("update-ref", "refs/remotes/origin/release/2", sha)
    assert checkout.event().ref == ""


def test_the_default_branch_of_the_origin(checkout: Checkout) -> None:
    sha = checkout.commit()
    assert checkout.event().default_branch == ""
    checkout.git("update-ref", "refs/remotes/origin/trunk", sha)
    checkout.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    event = checkout.event()
    assert (event.default_branch, event.repository.default_branch) == ("trunk", "trunk")


def test_no_commit_yet(checkout: Checkout) -> None:
    with pytest.raises(UsageError, match="no commit yet"):
        checkout.event()


def test_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in a git checkout") as caught:
        checkout_event(Surroundings({}, tmp_path, NOW))
    assert "--ref" in (caught.value.hint or "")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in a git checkout"):
        checkout_event(Surroundings({}, tmp_path / "absent", NOW))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_checkout_of_another_user(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.commit()
    for path in (checkout.path, *checkout.path.rglob("*")):
        os.chown(path, 12345, 12345)
    for name in ("SUDO_UID", "GIT_TEST_ASSUME_DIFFERENT_OWNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    with pytest.raises(UsageError, match="belongs to another user") as caught:
        checkout.event()
    assert f"safe.directory {checkout.path}" in (caught.value.hint or "")


def test_without_git_it_says_so(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from ci_publish.errors import UsageError\n"
        "from ci_publish.event import Surroundings; from ci_publish.event.checkout import checkout_event\n"
        "try: checkout_event(Surroundings({}, Path(sys.argv[1]), datetime.now(UTC)))\n"
        "except UsageError as error: print(error.message)\n"
    )
    root = Path(__file__).parents[2]
    environ = {"PATH": str(tmp_path), "PYTHONPATH": str(root)}
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env=environ, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "git is not installed"


def test_a_checkout_is_seen_from_inside(checkout: Checkout, tmp_path: Path) -> None:
    inside = checkout.path / "a"
    inside.mkdir()
    assert has_checkout(inside)
    assert not has_checkout(tmp_path)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("git@github.com:acme/Widget.git", "https://github.com/acme/Widget"),
        ("github.com:acme/Widget", "https://github.com/acme/Widget"),
        ("ssh://git@example.com:2222/acme/Widget.git", "https://example.com/acme/Widget"),
        ("https://user:s3cret@github.com/acme/Widget.git/", "https://github.com/acme/Widget"),
        ("https://ghe.example.com:8443/acme/Widget", "https://ghe.example.com:8443/acme/Widget"),
        ("http://localhost/acme/Widget", "http://localhost/acme/Widget"),
        ("/srv/git/widget.git", ""),
        ("../widget", ""),
        ("file:///srv/git/widget.git", ""),
        ("https://[broken/x", ""),
        ("https://example.com:port/x", ""),
        ("", ""),
    ],
)
def test_the_page_behind_a_remote(url: str, page: str) -> None:
    facts = remote_facts(url)
    assert facts.html_url == page
    assert facts.name == ("Widget" if page else "")
