"""Run ci-publish on a runner: its locked dependencies are installed once, then it starts from this checkout.

Standard library only, because nothing is installed yet. `start.sh` calls it with a Python of the right version.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
# Only what the lock file names, by hash, as wheels: nothing is resolved, built or compiled.
EXACTLY = ("--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile")


class BootstrapError(Exception):
    """The dependencies cannot be installed.

    Args:
        message: one line.
        hint: what to change.
        exit_code: as in `ci_publish.errors`, which cannot be imported yet.
    """

    def __init__(self, message: str, *, hint: str, exit_code: int) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code


def main(environ: Mapping[str, str]) -> None:
    """Run the command that the action's input names, in this process, so that its exit code is ours.

    The dependencies join `sys.path` here rather than `PYTHONPATH`: a credential helper that is a Python program
    must not see them.
    """
    packages = installed_packages(environ)
    sys.path[:0] = [str(ROOT), str(packages)]
    sys.argv = ["ci-publish", *(environ.get("CI_PUBLISH_COMMAND") or "push").split()]
    runpy.run_module("ci_publish", run_name="__main__")


def installed_packages(environ: Mapping[str, str]) -> Path:
    """The folder with the locked dependencies, installed now unless an earlier step or job did.

    Args:
        environ: names the runner's folders, see `cache_folders`.

    Raises:
        BootstrapError: when no folder can be written, or the installer fails.
    """
    candidates = [folder / "ci-publish" / lock_key() for folder in cache_folders(environ)]
    for target in candidates:
        if target.is_dir():
            return target
    for target in candidates:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        except OSError:
            # a container job may see the tool cache read-only; the next candidate is the job's own folder
            continue
        return install(staging, target, environ=environ)
    raise BootstrapError(
        "no folder to install the dependencies into",
        hint="RUNNER_TOOL_CACHE or RUNNER_TEMP must name a folder that this job may write",
        exit_code=2,
    )


def cache_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where packages may be kept: for all jobs of this runner, else for this job."""
    for name in ("RUNNER_TOOL_CACHE", "RUNNER_TEMP"):
        if environ.get(name):
            yield Path(environ[name])


def lock_key() -> str:
    """A name for what would be installed: it differs when the lock file, the Python, the system or its libc do."""
    system = (sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_platform(), *platform.libc_ver())
    return hashlib.sha256(LOCK.read_bytes() + repr(system).encode()).hexdigest()[:32]


def install(staging: Path, target: Path, *, environ: Mapping[str, str]) -> Path:
    """`target`, holding the dependencies: filled under another name and renamed when complete.

    A job that is killed leaves no half-filled `target`; of two jobs that install at once, the second to finish
    finds the first one's folder and drops its own.

    Args:
        staging: an empty folder beside `target`, gone afterwards.
        target: where the dependencies will be.
        environ: given to the installer, which may need its proxy or index, without our inputs: one is a password.

    Raises:
        BootstrapError: when the installer fails; it has said why.
    """
    command = [*installer(), *EXACTLY, "--requirement", str(LOCK), "--target", str(staging)]
    foreign = {name: value for name, value in environ.items() if not name.startswith("CI_PUBLISH_")}
    try:
        # run in the checkout: uv reads settings from where it runs, and the workspace must not redirect it
        done = subprocess.run(command, cwd=ROOT, env=foreign, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise BootstrapError(
                "the dependencies could not be installed, the lines above say why",
                hint="the runner must reach a Python package index; for a mirror set PIP_INDEX_URL and UV_INDEX_URL",
                exit_code=4,
            )
        # mkdtemp made it for its owner alone; jobs in a container may run as another user
        staging.chmod(0o755)
        move_into_place(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def move_into_place(staging: Path, target: Path) -> None:
    """Rename, unless another job was faster."""
    try:
        staging.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def installer() -> list[str]:
    """The command that installs: uv when it runs here, else pip.

    Raises:
        BootstrapError: when there is neither.
    """
    if (uv := shutil.which("uv")) and succeeds(uv, "--version"):
        return [uv, "pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    raise BootstrapError(
        f"neither uv nor pip for {sys.executable}",
        hint="add a step `uses: actions/setup-python` before ci-publish, or install pip on the runner",
        exit_code=2,
    )


def succeeds(*command: str) -> bool:
    """Whether this program runs: a name on PATH may be a shim that leads nowhere."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    try:
        main(os.environ)
    except BootstrapError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        print(f"::error title=ci-publish::{error}%0Ahint: {error.hint}")
        sys.exit(error.exit_code)
