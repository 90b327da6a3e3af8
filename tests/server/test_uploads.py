import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.oci import Digest
from ci_publish.server import uploads as module
from ci_publish.server.refusal import Refusal
from ci_publish.server.uploads import Uploads


def blocks(*data: bytes) -> list[memoryview]:
    return [memoryview(each) for each in data]


def test_a_session_is_resumed_after_a_restart(tmp_path: Path) -> None:
    upload = Uploads(tmp_path).begin("a", algorithm="sha256")
    upload.append(blocks(b"one ", b"two "))
    again = Uploads(tmp_path).find("a", upload.session)
    assert again.size == 8
    again.append(blocks(b"three"))
    assert again.digest("sha256") == Digest.of(b"one two three")


@given(
    st.lists(
        st.one_of(st.binary(max_size=30).map(lambda data: ("append", data)), st.just(("truncate", b""))), max_size=8
    )
)
def test_the_digest_is_that_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bytes]]
) -> None:
    upload = Uploads(tmp_path_factory.mktemp("uploads")).begin("a", algorithm="sha256")
    for step, data in steps:
        if step == "append":
            assert upload.append(blocks(data)) == len(data)
        else:
            upload.truncate(upload.size // 2)
    content = upload.file.read_bytes()
    assert upload.digest("sha256") == Digest.of(content)
    assert upload.digest("sha512") == Digest("sha512", hashlib.sha512(content).hexdigest())


def test_what_came_before_a_failure_stays(tmp_path: Path) -> None:
    upload = Uploads(tmp_path).begin("a", algorithm="sha256")

    def broken() -> object:
        yield memoryview(b"first")
        raise Refusal("SIZE_INVALID", "cut short")

    with pytest.raises(Refusal):
        upload.append(broken())  # type: ignore[arg-type]  # it is an iterator of what append takes
    assert upload.size == 5
    assert upload.digest("sha256") == Digest.of(b"first")


def test_old_sessions_are_given_up(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    old, young = (uploads.begin("a", algorithm="sha256") for _ in range(2))
    os.utime(old.file, (0, old.file.stat().st_mtime - 25 * 60 * 60))
    reopened = Uploads(tmp_path)
    with pytest.raises(Refusal):
        reopened.find("a", old.session)
    assert reopened.find("a", young.session).size == 0


def test_one_request_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    upload = Uploads(tmp_path).begin("a", algorithm="sha256")
    with upload.reserved(), pytest.raises(Refusal, match="another request"), upload.reserved():
        pass
    with upload.reserved():
        pass


def test_who_waited_for_a_session_finds_that_it_ended(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    upload = uploads.begin("a", algorithm="sha256")
    refused = threading.Event()

    def wait() -> None:
        try:
            with upload.reserved():
                pass
        except Refusal:
            refused.set()

    with upload.reserved():
        waiting = threading.Thread(target=wait)
        waiting.start()
        uploads.end(upload)
    waiting.join()
    assert refused.is_set()
