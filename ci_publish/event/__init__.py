"""What is being built, read from where the program runs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ci_publish.event.checkout import checkout_event
from ci_publish.event.github import github_event
from ci_publish.event.ref_event import RefEvent
from ci_publish.event.repository_facts import RepositoryFacts
from ci_publish.event.simulate import simulate
from ci_publish.event.surroundings import Surroundings

# Every origin of an event: the value of `--context` → what reads it.
ORIGINS: Mapping[str, Callable[[Surroundings], RefEvent]] = MappingProxyType(
    {
        "workflow": github_event,
        "git": checkout_event,
    }
)

__all__ = ["ORIGINS", "RefEvent", "RepositoryFacts", "Surroundings", "simulate"]
