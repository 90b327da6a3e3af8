"""What GitHub's runner is told at the end of a step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ci_publish.actions.outputs import write_outputs
from ci_publish.actions.summary import append_summary


def tell_runner(outputs: Mapping[str, str], summary: str, *, environ: Mapping[str, str]) -> None:
    """Write the outputs and the summary of this step, each where the runner wants it; elsewhere, nothing.

    Args:
        outputs: name → value.
        summary: Markdown; empty for none.
        environ: the process environment.

    Raises:
        UsageError: a file cannot be written.
    """
    if path := environ.get("GITHUB_OUTPUT"):
        write_outputs(Path(path), outputs)
    if summary and (path := environ.get("GITHUB_STEP_SUMMARY")):
        append_summary(Path(path), summary)
