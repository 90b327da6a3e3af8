"""`ci-publish push` as its users run it."""

from __future__ import annotations

import base64
import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ci_publish.oci import Repository
from ci_publish.record import read_record
from ci_publish.server import Answer, Call
from tests.support.malformed import MALFORMED
from tests.support.program import ROOT, Program
from tests.support.pushing import fetched
from tests.support.registry import WatchedRegistry, running_registry
from tests.support.samples import SAMPLES
from tests.support.validate import validate

RELEASE = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/tags/v1.2.3",
    "GITHUB_SHA": "860c1904a1ce19322e91ac35af1ab07466440c37",
    "GITHUB_REPOSITORY": "acme/widget",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_RUN_ID": "42",
}
RULES = "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=ref,event=branch"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "work"
    folder.mkdir()
    return Program(folder)


@pytest.fixture
def archive(program: Program) -> Path:
    return SAMPLES["docker-legacy"].write(program.folder)


def test_short_form_publishes_under_one_tag(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    result = program.run("push", archive, f"{registry.address}/team/app:1.2.3")
    image = fetched(Repository.parse(f"{registry.address}/team/app"), "1.2.3")
    validate(image)

    assert result.returncode == 0
    assert result.stdout == f"{registry.address}/team/app@{image.descriptor.digest}\n"
    assert "uploaded layer" in result.stderr


def test_result_as_json(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    document = program.json("push", archive, "--images", f"{registry.address}/team/app", "--tag", "1.2.3\nlatest")

    assert document["tags"] == ["1.2.3", "latest"]
    assert document["references"] == [f"{registry.address}/team/app:{tag}" for tag in ("1.2.3", "latest")]
    assert document["image"] == f"{registry.address}/team/app@{document['digest']}"
    assert [platform["platform"] for platform in document["platforms"]] == ["linux/amd64"]
    assert document["blobs"]["uploaded"] == len(registry.asked("PATCH"))
    assert set(document["blobs"]) == set(document["bytes"]) == {"uploaded", "reused", "mounted", "existing"}


def test_rules_and_event_decide_the_tags(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    document = program.json("push", archive, "--images", f"{registry.address}/team/app", "--tags", RULES, **RELEASE)

    assert document["version"] == "1.2.3"
    assert document["tags"] == ["1.2.3", "1.2", "latest"]
    assert document["skips"] == [{"rule": "type=ref,event=branch", "reason": document["skips"][0]["reason"]}]


def test_record_outputs_and_summary_are_written(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    outputs, summary = program.folder / "outputs", program.folder / "summary"
    images = f"{registry.address}/team/app"
    variables = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    document = program.json("push", archive, "--images", images, "--tags", RULES, **RELEASE, **variables)

    recorded = read_record(program.folder / "digests.lock.json").images[images]
    assert str(recorded.digest) == document["digest"]
    assert recorded.provenance.commit == RELEASE["GITHUB_SHA"]
    assert recorded.provenance.run_url == "https://github.com/acme/widget/actions/runs/42"
    names = {line.partition("<<")[0] for line in outputs.read_text().splitlines() if "<<" in line}
    assert names == {"digest", "digests", "tags", "version", "image", "json", "record"}
    assert document["digest"] in summary.read_text()


def test_every_option_can_come_from_the_environment(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    environ = {
        "CI_PUBLISH_SOURCE": archive.name,
        "CI_PUBLISH_IMAGES": f"{registry.address}/team/app",
        "CI_PUBLISH_PUSH_TAG": "a\nb",
        "CI_PUBLISH_TAG": "never",
        "CI_PUBLISH_DRY_RUN": "",
        "CI_PUBLISH_NO_RECORD": "true",
    }

    assert program.json("push", **environ)["tags"] == ["a", "b"]
    assert not (program.folder / "digests.lock.json").exists()


def test_dry_run_asks_and_writes_nothing(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    result = program.run("push", archive, f"{registry.address}/team/app:1", "--dry-run")

    assert result.returncode == 0
    assert "create    :1" in result.stdout
    assert {exchange.method for exchange in registry.exchanges} == {"GET", "HEAD"}
    assert [path.name for path in program.folder.iterdir()] == [archive.name]


def test_dry_run_fills_outputs_and_summary(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    outputs, summary = program.folder / "outputs", program.folder / "summary"
    variables = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    program.json("push", archive, f"{registry.address}/team/app:1.2.3", "--dry-run", **variables)

    assert f"{registry.address}/team/app:1.2.3" in outputs.read_text().splitlines()
    assert "dry run" in summary.read_text()


def test_token_of_the_job_is_for_no_other_registry(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    account = {"CI_PUBLISH_USERNAME": "robot", "CI_PUBLISH_PASSWORD": "ghs_job", "GITHUB_TOKEN": "ghs_job"}
    result = program.run("push", archive, f"{registry.address}/team/app:1", **account)

    assert result.returncode == 2
    assert "ghs_job" not in result.stderr
    assert registry.exchanges == []


def test_dry_run_tells_what_the_push_then_does(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    arguments = ("push", archive, f"{registry.address}/team/app:1")
    first = program.json(*arguments, "--dry-run")["plans"][0]
    program.json(*arguments)
    planned = program.json(*arguments, "--tag", "2", "--dry-run")["plans"][0]
    pushed = program.json(*arguments, "--tag", "2")

    assert first["digest"] is None
    assert {blob["action"] for blob in first["blobs"]} == {"upload"}
    assert planned["digest"] == pushed["digest"]
    assert {blob["action"] for blob in planned["blobs"]} == {"exists", "reuse"}
    assert [tag["action"] for tag in planned["tags"]] == ["unchanged", "create"]
    assert planned["bytes"]["upload"] == 0 == pushed["bytes"]["uploaded"]


def test_upper_case_names_are_lowered_with_a_warning(
    program: Program, archive: Path, registry: WatchedRegistry
) -> None:
    result = program.run("push", archive, "--images", f"{registry.address}/Team/App", "--tag", "1")

    assert result.returncode == 0
    assert "lower case" in result.stderr
    assert result.stdout.startswith(f"{registry.address}/team/app@")


def test_password_comes_from_stdin_and_is_seen_nowhere(program: Program, archive: Path, tmp_path: Path) -> None:
    expected = "Basic " + base64.b64encode(b"robot:s3cret-word").decode()

    def gate(call: Call) -> Answer | None:
        if call.headers.get("authorization") == expected:
            return None
        return Answer(401, {"WWW-Authenticate": 'Basic realm="test"'}, b"{}")

    with running_registry(tmp_path, gate=gate) as guarded:
        target = f"{guarded.address}/team/app:1"
        refused = program.run("push", archive, target)
        result = program.run(
            "push", archive, target, "-v", "--username", "robot", "--password-stdin", stdin="s3cret-word\n"
        )

    assert refused.returncode == 5
    assert result.returncode == 0, result.stderr
    assert "s3cret-word" not in result.stdout + result.stderr
    assert expected.removeprefix("Basic ") not in result.stdout + result.stderr
    assert all(b"s3cret-word" not in path.read_bytes() for path in program.folder.rglob("*") if path.is_file())


def test_password_is_masked_for_the_runner_before_it_is_used(
    program: Program, archive: Path, registry: WatchedRegistry
) -> None:
    images = f"{registry.address}/team/app"
    secret = {"CI_PUBLISH_PASSWORD": "s3cret-word", "CI_PUBLISH_USERNAME": "robot"}
    result = program.run("push", archive, "--images", images, "--tags", RULES, **RELEASE, **secret)
    others = [line for line in result.stderr.splitlines() if not line.startswith("::add-mask::")]

    assert "::add-mask::s3cret-word" in result.stderr.splitlines()
    assert "s3cret-word" not in "\n".join(others)


def test_token_without_a_user_goes_to_no_other_registry(
    program: Program, archive: Path, registry: WatchedRegistry
) -> None:
    seen: list[str] = []

    def gate(call: Call) -> Answer | None:
        seen.append(call.headers.get("authorization", ""))
        return Answer(401, {"WWW-Authenticate": 'Basic realm="test"'}, b"{}")

    with running_registry(program.folder / "guarded", gate=gate) as guarded:
        result = program.run("push", archive, f"{guarded.address}/team/app:1", CI_PUBLISH_PASSWORD="ghs_token")

    assert result.returncode == 5
    assert set(seen) == {""}


@pytest.mark.parametrize("name", MALFORMED)
def test_broken_archives_end_in_one_line_and_exit_code_3(
    name: str, program: Program, registry: WatchedRegistry
) -> None:
    path = MALFORMED[name].write(program.folder)
    result = program.run("push", path, f"{registry.address}/team/app:1")

    assert result.returncode == 3, result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("error: ")] != []
    assert "Traceback" not in result.stderr
    assert registry.asked("PUT", "/manifests/") == []
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no image archive was given"),
        (("image", "host.example/App:1"), "'App'"),
        (("image", "host.example/app:-bad"), "not a tag"),
        (("image", "--images", "host.example/app", "--tags", "type=ref,event=pr"), "no rule gives a tag"),
        (("image", "--tag", "1"), "no repository was given"),
        (("image",), "no repository was given"),
        (("image", "host.example/app", "--tags", "type=sha"), "rules for tags were given"),
        (("image", f"host.example/app@sha256:{'0' * 64}"), "has a digest"),
        (("image", "--images", "host.example/app", "--tags", "type=nonsense"), "nonsense"),
        (("image", "host.example/app:1", "--username", "robot"), "without a password"),
        (("image", "other", "host.example/app:1"), "sources"),
        (("image", "host.example/app:1", "--jobs", "0"), "--jobs"),
        (("image", "host.example/app:1", "--nonsense"), "--nonsense"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    arguments: tuple[str, ...], message: str, program: Program, archive: Path
) -> None:
    environ = {} if "--images" not in arguments else RELEASE | {"GITHUB_REF": "refs/other"}
    result = program.run("push", *arguments, **environ)
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]

    assert result.returncode == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in result.stderr


def test_labels_are_not_ignored_in_silence(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    result = program.run("push", archive, f"{registry.address}/team/app:1", "--labels", "a=b")

    assert result.returncode == 0
    assert "warning: labels are not written into the image" in result.stderr
    assert "annotations" not in result.stderr


def test_registry_that_is_not_there_is_named(program: Program, archive: Path) -> None:
    result = program.run("push", archive, "localhost:1/team/app:1", "--retry-for", "0")

    assert result.returncode == 4
    assert "localhost:1" in result.stderr
    assert not (program.folder / "digests.lock.json").exists()


def test_failure_is_an_annotation_for_the_runner(program: Program, registry: WatchedRegistry) -> None:
    result = program.run("push", "missing.tar", f"{registry.address}/team/app:1", GITHUB_ACTIONS="true")

    assert result.returncode == 3
    assert any(line.startswith("::error::") and "missing.tar" in line for line in result.stderr.splitlines())


def test_several_images_are_listed_when_none_is_chosen(program: Program, registry: WatchedRegistry) -> None:
    path = SAMPLES["docker-several"].write(program.folder)
    target = f"{registry.address}/team/app:1"
    undecided = program.run("push", path, target)
    decided = program.run("push", path, target, "--select", "@1")

    assert undecided.returncode == 2
    assert "--select" in undecided.stderr
    assert decided.returncode == 0, decided.stderr


def test_json_result_is_what_the_outputs_say(program: Program, archive: Path, registry: WatchedRegistry) -> None:
    outputs = program.folder / "outputs"
    document = program.json("push", archive, f"{registry.address}/team/app:1", GITHUB_OUTPUT=str(outputs))
    lines = outputs.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("json<<"))

    assert json.loads(lines[start + 1]) == document


# A shell that runs tests in the background has its children ignore SIGINT.
INTERRUPTIBLE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("ci_publish", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("asked", [0, 1])
def test_interruption_waits_for_no_registry(asked: int, program: Program, archive: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached = threading.Event()
        threading.Thread(target=stall, args=(server, asked, reached), daemon=True).start()
        target = f"127.0.0.1:{server.getsockname()[1]}/team/app:1"
        command = [sys.executable, "-c", INTERRUPTIBLE, "push", str(archive), target]
        with subprocess.Popen(
            command, cwd=program.folder, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
        ) as process:
            assert reached.wait(30)
            process.send_signal(signal.SIGINT)
            # a thread of it may wait a minute for the next byte
            _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err


def stall(server: socket.socket, asked: int, reached: threading.Event) -> None:
    """Answer so many requests with success, on any connection, and then none."""
    connections = []
    # the test closes the server when it has seen enough
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            connections.append(connection)
            while asked and connection.recv(65536):
                asked -= 1
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            reached.set()
