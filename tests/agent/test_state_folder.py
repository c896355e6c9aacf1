"""Where the plugin looks for the daemon: as the command line does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from prewarm import _state_folder

FOLDERS = json.loads(
    (Path(__file__).parents[2] / "contract" / "state-folders.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("golden", FOLDERS, ids=lambda golden: str(golden["path"]))
def test_the_folder_of_a_root(golden: dict[str, Any]) -> None:
    found = _state_folder.state_folder(golden["root"], golden["env"], golden["user"])
    expected = (golden["path"], golden["base"], golden["isChosen"])
    assert (found.path, found.base, found.is_chosen) == expected
    assert len(os.fsencode(found.socket)) <= 100


def test_the_runtime_folder_is_used_where_it_can_be_written(tmp_path: Path) -> None:
    found = _state_folder.state_folder("/shop", {"XDG_RUNTIME_DIR": str(tmp_path)}, 7)
    assert found.base == str(tmp_path / "prewarm")


def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert _state_folder.project_root(str(below)) == str(tmp_path)
    (tmp_path / "a" / ".git").mkdir()
    assert _state_folder.project_root(str(below)) == str(tmp_path / "a")


def test_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = _state_folder.state_folder(
        "/shop", {"PREWARM_STATE_DIR": str(tmp_path / "state")}, os.getuid()
    )
    assert not _state_folder.check(folder, os.getuid())
    Path(folder.path).mkdir(parents=True, mode=0o700)
    Path(folder.base).chmod(0o700)
    Path(folder.path).chmod(0o700)
    assert _state_folder.check(folder, os.getuid())
    with pytest.raises(_state_folder.Refused, match="belongs to another user"):
        _state_folder.check(folder, os.getuid() + 1)
    Path(folder.path).chmod(0o777)
    with pytest.raises(_state_folder.Refused, match="can be written by others"):
        _state_folder.check(folder, os.getuid())
