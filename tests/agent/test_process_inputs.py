"""Which files and folders the command of a process is found to name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from prewarm._process_inputs import inputs_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    (tmp_path / "with space.txt").touch()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.txt").touch()
    return tmp_path


def names_of(folder: Path, event: str, *arguments: Any) -> set[tuple[str, str]]:
    return {
        (kind, os.path.relpath(path, folder))
        for kind, path in inputs_of(event, arguments)
        if path.startswith(str(folder))
    }


@pytest.mark.parametrize(
    ("command", "working_directory"),
    [
        pytest.param(["cat", "a.txt"], None, id="words"),
        pytest.param([b"cat", b"a.txt"], None, id="bytes"),
        pytest.param(["cat", Path("a.txt")], None, id="a path"),
        pytest.param("cat a.txt", None, id="one text"),
        pytest.param(["/bin/sh", "-c", "cat < a.txt && true"], None, id="a shell's"),
        pytest.param(["tool", "--config=a.txt"], None, id="the value of an option"),
        pytest.param(["cat", "../a.txt"], "inner", id="from another folder"),
    ],
)
def test_files_that_a_command_names(folder: Path, command: Any, working_directory: Any) -> None:
    arguments = ("cat", command, working_directory, None)
    assert ("open", "a.txt") in names_of(folder, "subprocess.Popen", *arguments)


def test_a_quoted_name_in_a_line_for_the_shell(folder: Path) -> None:
    assert names_of(folder, "os.system", "cat 'with space.txt'") == {("open", "with space.txt")}


def test_a_line_whose_quotes_do_not_match(folder: Path) -> None:
    assert names_of(folder, "os.system", b"cat 'a.txt inner a.txt") == {
        ("list", "inner"),
        ("open", "a.txt"),
    }


def test_folders_and_what_is_not_there(folder: Path) -> None:
    arguments = ("ls", ["ls", "inner", "missing", "\0", ""], os.environ)
    assert names_of(folder, "os.posix_spawn", *arguments) == {("list", "inner")}


def test_the_state_of_git_in_the_folders_above(folder: Path) -> None:
    (folder / ".git").mkdir()
    arguments = ("git", ["git", "describe"], str(folder / "inner"), None)
    assert names_of(folder, "subprocess.Popen", *arguments) == {
        ("open", ".git/HEAD"),
        ("open", ".git/logs/HEAD"),
        ("open", ".git/packed-refs"),
        ("list", ".git/refs/tags"),
    }
