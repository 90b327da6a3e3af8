"""A diff that `git apply` takes gives the files that pinning gives."""

import subprocess
from pathlib import Path

import pytest

from ci_publish.pins import apply_pins, plan_pins, unified_diff
from tests.support.publications import publication, record

RECORD = record(publication("ghcr.io/acme/app"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_git_applies_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_end: str, *, final: bool) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("Dockerfile")
    text = line_end.join(["# \x85 \u2028 é", "FROM a", "", "FROM ghcr.io/acme/app:latest"]) + line_end * final
    file.write_bytes(text.encode())
    plan = plan_pins([file], RECORD)
    subprocess.run(["git", "apply", "-"], input=unified_diff(plan).encode(), check=True)
    applied = file.read_bytes()
    file.write_bytes(text.encode())
    apply_pins(plan)
    assert file.read_bytes() == applied != text.encode()


def test_no_change_is_no_diff(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM other\n", encoding="utf-8")
    assert unified_diff(plan_pins([tmp_path / "Dockerfile"], RECORD)) == ""
