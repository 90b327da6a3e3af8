"""Refusals that users meet, and what to change: one row for each."""

from __future__ import annotations

from dataclasses import dataclass

# What users paste into a workflow.
_PERMISSIONS = """permissions:
  contents: read
  packages: write"""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about one kind of refusal.

    Args:
        text: a regular expression for what the registry says, in any case.
        hint: what to change; `{host}`, `{path}`, `{owner}` and `{package}` are replaced.
        status: only with this status.
        is_github: only at GitHub's registries, or only elsewhere.
        is_anonymous: only without credentials, or only with them.
    """

    text: str
    hint: str
    status: int | None = None
    is_github: bool | None = None
    is_anonymous: bool | None = None


def is_github(host: str) -> bool:
    """Whether this is a container registry of GitHub: ghcr.io, or `containers.` of an Enterprise server."""
    return host == "ghcr.io" or host.startswith("containers.")


# The first row that fits counts. Texts of ghcr.io as its users report them.
ADVICE: tuple[Advice, ...] = (
    Advice(
        r"secondary rate limit|TOOMANYREQUESTS.*retry-after",
        "the registry limits requests; run fewer jobs at once, or try again in some minutes",
    ),
    Advice(
        r"permission_denied:? write_package",
        "the package exists, but this repository may not write to it. On the package's settings page\n"
        "  https://github.com/orgs/{owner}/packages/container/{package}/settings\n"
        "  (of a user: https://github.com/users/{owner}/packages/container/{package}/settings)\n"
        "add the repository under 'Manage Actions access' with the role Write, and give the job\n" + _PERMISSIONS,
    ),
    Advice(
        r"installation not allowed to create organization package",
        "the job may not create packages. Give it\n"
        + _PERMISSIONS
        + "\nand allow package creation in the organization's settings (Packages → Package creation)",
    ),
    Advice(
        r"installation not allowed to write",
        "the job may not write packages. Give it\n"
        + _PERMISSIONS
        + "\nRuns for pull requests from forks and from Dependabot never may: skip the push there.\n"
        "Tokens of GitHub Apps do not work here: use GITHUB_TOKEN or a classic personal access token",
    ),
    Advice(
        r"do(?:es)? not match expected scopes",
        "the personal access token lacks a scope: write:packages to push, read:packages to pull",
    ),
    Advice(
        r"requested installation does not exist",
        "the GitHub App that this token is from was removed: use GITHUB_TOKEN or a classic personal access token",
    ),
    Advice(r"owner not found", "there is no user or organization {owner} on GitHub: check the image's name"),
    Advice(
        r"cannot be authenticated with the token",
        "the token was revoked or has expired; GITHUB_TOKEN is valid within its own job, and on its own server",
        is_github=True,
    ),
    Advice(
        r"denied: denied",
        "the token is wrong, expired or empty. Use GITHUB_TOKEN, or a classic personal access token\n"
        "(fine-grained ones do not work) that is authorized for the organization's single sign-on",
        is_github=True,
        is_anonymous=False,
    ),
    Advice(
        r"denied|unauthorized|authentication required|^$",
        "give the step the job's token:\n"
        "env:\n"
        "  GITHUB_TOKEN: ${{{{ github.token }}}}\n"
        "New packages are private until they are made public on their settings page",
        is_github=True,
        is_anonymous=True,
        status=401,
    ),
    Advice(
        r"denied",
        "no credentials for {host} were found: set GITHUB_TOKEN, or run ci-publish login {host}.\n"
        "New packages are private until they are made public on their settings page",
        is_github=True,
        is_anonymous=True,
        status=403,
    ),
    Advice(
        r"denied|forbidden|^$",
        "check that {owner} is right, that the token may write packages, and that the job has\n" + _PERMISSIONS,
        is_github=True,
        is_anonymous=False,
        status=403,
    ),
    Advice(r"pull rate limit", "Docker Hub limits pulls without an account: ci-publish login docker.io", status=429),
    Advice(
        "",
        "no credentials for {host} were found: ci-publish login {host}, or --username with --password-stdin",
        is_anonymous=True,
        status=401,
    ),
    Advice("", "check user name and password for {host}: ci-publish login {host}", is_anonymous=False, status=401),
    Advice("", "this account may not do that in {path}: ask its owner, or log in as another", status=403),
    Advice(
        r"NAME_INVALID|name invalid",
        "an image there is named {host}/OWNER/NAME, in lower case",
        is_github=True,
    ),
    Advice(r"NAME_UNKNOWN|name unknown", "check the name; a private repository looks absent to those it is not for"),
    Advice(r"MANIFEST_UNKNOWN|manifest unknown", "check the tag or digest", status=404),
    Advice(
        "",
        "{host} does not delete by its registry API: use the package's page, or GitHub's REST API",
        is_github=True,
        status=405,
    ),
    Advice("UNSUPPORTED", "the registry has deletion switched off", status=405),
    Advice(
        "HTTP request to an HTTPS server",
        "the registry speaks TLS: leave out --plain-http; on this machine only http is spoken",
        status=400,
    ),
    Advice("", "something between here and the registry limits the size of requests", status=413),
)
