"""Every broken archive, refused with a message that tells what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.errors import SourceError
from ci_publish.sources import open_source
from tests.support.malformed import MALFORMED


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_is_refused(name: str, tmp_path: Path) -> None:
    case = MALFORMED[name]
    path = case.write(tmp_path)
    with pytest.raises(SourceError) as caught:
        open_source(path)
    error = caught.value
    assert error.exit_code == 3
    assert error.message.startswith(f"{path}: ")
    assert case.message in error.message
    assert case.hint in (error.hint or "")
    assert "\n" not in error.message
