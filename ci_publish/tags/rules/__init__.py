"""The tag rules: one file for each `type=`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ci_publish.tags.rules.edge import Edge
from ci_publish.tags.rules.match import Match
from ci_publish.tags.rules.pep440 import Pep440
from ci_publish.tags.rules.raw import Raw
from ci_publish.tags.rules.ref import Ref
from ci_publish.tags.rules.rule import Found, Missed, Rule
from ci_publish.tags.rules.schedule import Schedule
from ci_publish.tags.rules.semver import Semver
from ci_publish.tags.rules.sha import Sha

# Every rule: the value of `type=` → the class whose fields are its options.
RULES: Mapping[str, type[Rule]] = MappingProxyType(
    {
        "schedule": Schedule,
        "semver": Semver,
        "pep440": Pep440,
        "match": Match,
        "edge": Edge,
        "ref": Ref,
        "raw": Raw,
        "sha": Sha,
    }
)

__all__ = ["RULES", "Found", "Missed", "Rule"]
