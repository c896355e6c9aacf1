"""What is found to have changed while it was used, on real files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from prewarm._observe import listing_digest
from prewarm._presence import presence
from prewarm._signature import signature_of
from prewarm._used import Used, signature_now


def note(used: Used, kind: str, path: Path) -> None:
    """Notes one use, as a timeline does."""
    name = str(path)
    if kind == "list":
        used.note_listing(name, signature_now(name), listing_digest(name))
    elif kind == "presence":
        used.note_presence(name, presence(name))
    else:
        used.note_file(kind, name, signature_of(name))


def replace(path: Path, text: str) -> None:
    """Writes another file under this name: a second write within one tick of the clock leaves no trace in the first one."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    os.replace(draft, path)


@pytest.mark.parametrize("kind", ["open", "module", "conftest", "testfile"])
def test_a_file_that_is_another_one_at_the_end(kind: str, tmp_path: Path) -> None:
    path, kept = tmp_path / "a.py", tmp_path / "b.py"
    for each in (path, kept):
        each.write_text("")
    used = Used(lambda _: False)
    note(used, kind, path)
    note(used, kind, kept)
    replace(path, "")
    assert used.changed(listing_digest) == [str(path)]


@pytest.mark.parametrize(
    ("kind", "changed"), [("module", False), ("conftest", True), ("testfile", True)]
)
def test_a_module_counts_until_it_is_executed(kind: str, changed: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("")
    used = Used(lambda _: False)
    note(used, kind, path)
    used.executed(str(path))
    path.unlink()
    assert used.changed(listing_digest) == [str(path)] * changed


@pytest.mark.parametrize("kinds", [("testfile", "module"), ("module", "open")])
def test_a_module_that_is_used_otherwise_counts_to_the_end(
    kinds: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "a.py"
    path.write_text("")
    used = Used(lambda _: False)
    for kind in kinds:
        note(used, kind, path)
    used.executed(str(path))
    path.unlink()
    assert used.changed(listing_digest) == [str(path)]


def test_a_module_that_is_another_one_when_it_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("")
    used = Used(lambda _: False)
    note(used, "module", path)
    replace(path, "")
    used.executed(str(path))
    assert used.changed(listing_digest) == [str(path)]


@pytest.mark.parametrize("kind", ["open", "presence", "list"])
def test_what_was_there_for_a_moment_between_two_uses(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    place = tmp_path if kind == "list" else path
    used = Used(lambda _: False)
    note(used, kind, place)
    path.write_text("")
    used.look_again(kind, str(place), listing_digest)
    path.unlink()
    assert used.changed(listing_digest) == [str(place)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: replace(path, ""), id="written"),
        pytest.param(lambda path: path.unlink(), id="removed"),
    ],
)
def test_what_the_program_has_changed_itself_is_no_change(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text("")
    used = Used(lambda name: name == str(path))
    note(used, "open", path)
    note(used, "presence", path)
    change(path)
    assert used.changed(listing_digest) == []


def test_another_process_notes_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    used = Used(lambda _: False)
    note(used, "open", path)
    path.write_text("")
    assert used.begin(None) == []
    note(used, "open", path)
    assert used.changed(listing_digest) == []


def test_another_process_goes_on_with_what_is_being_executed(tmp_path: Path) -> None:
    path, other = tmp_path / "a.py", tmp_path / "b.py"
    path.write_text("executing = used.begin(sys._getframe())\n")
    used = Used(lambda _: False)
    note(used, "testfile", path)
    note(used, "testfile", other)
    space: dict[str, Any] = {"used": used, "sys": sys}
    exec(compile(path.read_text(), str(path), "exec"), space)
    assert space["executing"] == [str(path)]
