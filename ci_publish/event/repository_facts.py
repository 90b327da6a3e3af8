"""What GitHub or a checkout says about the repository that is being built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ci_publish.event.payload import Payload


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """The facts that labels and the `edge` rule need; empty strings where unknown.

    Args:
        full_name: `owner/name`.
        name: the name alone, as GitHub spells it.
        html_url: the repository's page, without credentials.
        description: one line.
        license: SPDX identifier.
        default_branch: such as `main`.
    """

    full_name: str = ""
    name: str = ""
    html_url: str = ""
    description: str = ""
    license: str = ""
    default_branch: str = ""

    @classmethod
    def from_json(cls, repository: Payload) -> Self:
        """The facts in a repository object of GitHub's webhooks and REST API.

        Raises:
            UsageError: a field has another type than GitHub documents.
        """
        return cls(
            full_name=repository.text("full_name"),
            name=repository.text("name"),
            html_url=repository.text("html_url"),
            description=repository.text("description"),
            license=repository.text("license", "spdx_id"),
            default_branch=repository.text("default_branch"),
        )
