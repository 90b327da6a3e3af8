"""Facts that the event's payload lacks, asked of GitHub's REST API."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import quote, urlsplit

from ci_publish.errors import RegistryError, UsageError
from ci_publish.event.github import parse_time
from ci_publish.event.payload import Payload
from ci_publish.event.repository_facts import RepositoryFacts

_TIMEOUT_SECONDS = 10
_MAX_ANSWER_SIZE = 2 * 1024 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class GitHubApi:
    """A GitHub server's API and the right to use it.

    Args:
        url: such as `https://api.github.com`, without a slash at the end.
        token: sent to this host alone.

    Raises:
        UsageError: the URL would carry the token unencrypted over a network.
    """

    url: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise UsageError(f"GITHUB_API_URL is {self.url!r}, which is not an https URL")

    def repository(self, full_name: str) -> RepositoryFacts:
        """What GitHub knows about a repository now.

        Args:
            full_name: `owner/name`.

        Raises:
            UsageError: there is none, or the token may not see it.
            RegistryError: no answer.
        """
        answer = self._get(f"/repos/{quote(full_name)}")
        if answer is None:
            raise UsageError(
                f"GitHub knows no repository {full_name}, or this token may not see it",
                hint="check GITHUB_REPOSITORY and GITHUB_TOKEN, or unset GITHUB_TOKEN to go without its facts",
            )
        return RepositoryFacts.from_json(answer)

    def commit_date(self, full_name: str, sha: str) -> datetime | None:
        """When a commit was made; `None` where GitHub does not know it.

        Raises:
            RegistryError: no answer.
        """
        answer = self._get(f"/repos/{quote(full_name)}/commits/{quote(sha, safe='')}")
        date = answer.text("commit", "committer", "date") if answer else ""
        return parse_time(date, "the commit") if date else None

    def _get(self, path: str) -> Payload | None:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "ci-publish",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - the scheme is checked above
        opener = urllib.request.build_opener(_SameHostRedirects)
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return Payload.parse(response.read(_MAX_ANSWER_SIZE), "GitHub's answer")
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {401, 404, 410, 422, 451}:
                return None
            message = f"GitHub answered {error.code} {error.reason}"
            raise RegistryError(message, method="GET", url=self.url + path, status=error.code) from None
        except (OSError, HTTPException) as error:
            message = f"cannot reach {urlsplit(self.url).hostname}: {error}"
            raise RegistryError(message, method="GET", url=self.url + path, transient=True) from None


class _SameHostRedirects(urllib.request.HTTPRedirectHandler):
    """Follows the redirects of renamed repositories; the library would send the token to any host."""

    def redirect_request(  # noqa: PLR0917 - the library's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request, unless it would go to another scheme, host or port."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            raise urllib.error.HTTPError(req.full_url, code, "redirects to another host", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
