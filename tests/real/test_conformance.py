"""The conformance suite of the distribution spec, against `ci-publish serve`."""

import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.support.programs import require_program
from tests.support.serve import served

pytestmark = pytest.mark.real

# CI installs the same version.
VERSION = "v0.0.0-20260831232431-97274622c111"
INSTALL = f"go install github.com/opencontainers/distribution-spec/conformance@{VERSION}"

# The one thing of the suite that is off: the spec lets a registry refuse a manifest when what it names is not there,
# and this one does (tests/server/test_manifest_push.py).
REFUSED = "Sparse Manifests"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The suite's own account, after a run with everything on that any version of the spec asks for."""
    suite = require_program("conformance", INSTALL)
    folder = tmp_path_factory.mktemp("conformance")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OCI_")}
    with served("--quiet") as running:
        settings = {
            "OCI_REGISTRY": running.address,
            "OCI_TLS": "disabled",
            "OCI_VERSION": "dev",
            "OCI_RESULTS_DIR": str(folder),
            "OCI_CONFIGURATION": str(_empty(folder / "configuration.yaml")),
        }
        done = subprocess.run(
            [suite], check=False, env=environment | settings, cwd=folder, capture_output=True, text=True, timeout=120
        )
    (file,) = folder.glob("result*.yaml")
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    counts = ET.parse(folder / "junit.xml").getroot().attrib
    failures = [line for line in done.stdout.splitlines() if "FAIL" in line or "Error" in line]
    return found | {"counts": counts, "output": "\n".join(failures), "exit code": done.returncode}


def _empty(file: Path) -> Path:
    file.write_text("{}\n", encoding="utf-8")
    return file


def test_every_api_passes(results: dict[str, Any]) -> None:
    assert len(results["apis"]) >= 28
    assert set(results["apis"].values()) == {"Pass"}, results["output"]


def test_every_kind_of_data_passes(results: dict[str, Any]) -> None:
    data = dict(results["data"])
    assert data.pop(REFUSED) == "Disabled"
    assert len(data) >= 23
    assert set(data.values()) == {"Pass"}, results["output"]


def test_not_one_case_fails_or_is_skipped(results: dict[str, Any]) -> None:
    counts = results["counts"]
    assert int(counts["tests"]) >= 900
    # a count of zero is left out of the file
    assert counts.keys() == {"tests", "time"}, (counts, results["output"])


def test_nothing_was_switched_off(results: dict[str, Any]) -> None:
    assert results["exit code"] == 0
    assert _switched_off(results["config"]["apis"]) == set()
    assert _switched_off(results["config"]["data"]) == {"sparse"}


def _switched_off(settings: dict[str, Any]) -> set[str]:
    off = set()
    for name, value in settings.items():
        if isinstance(value, dict):
            off |= {f"{name}.{inner}" for inner in _switched_off(value)}
        elif value is False:
            off.add(name)
    return off
