"""A credential helper that keeps what it is given in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

_PROGRAM = """#!{python} -S
import json, pathlib, sys
file = pathlib.Path({file!r})
kept = json.loads(file.read_text()) if file.exists() else {{}}
request = sys.stdin.read()
if sys.argv[1] == "store":
    entry = json.loads(request)
    kept[entry["ServerURL"]] = [entry["Username"], entry["Secret"]]
elif request not in kept:
    print("credentials not found in native keychain")
    sys.exit(1)
elif sys.argv[1] == "erase":
    del kept[request]
else:
    print(json.dumps(dict(ServerURL=request, Username=kept[request][0], Secret=kept[request][1])))
file.write_text(json.dumps(kept))
"""


def install_helper(folder: Path, name: str) -> dict[str, str]:
    """An environment in which `docker-credential-NAME` is a program that keeps credentials in this folder."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    program = programs / f"docker-credential-{name}"
    program.write_text(_PROGRAM.format(python=sys.executable, file=str(folder / "kept.json")), encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": str(programs)}


def kept_by(folder: Path) -> dict[str, list[str]]:
    """What the helper in this folder keeps: user and password by key."""
    kept: dict[str, list[str]] = json.loads((folder / "kept.json").read_text(encoding="utf-8"))
    return kept
