"""What the observer notes of files, folders and variables, in the process that runs these tests."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from prewarm._observe import Observer, library_folders, listing_digest

LISTINGS = json.loads(
    (Path(__file__).parents[2] / "contract" / "listings.json").read_text(encoding="ascii")
)


class Watched:
    """An observer at work, and what it has noted."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, str]] = []
        self.observer = Observer(
            lambda kind, name: self.notes.append((kind, name)), library_folders()
        )
        self.observer.install()

    @property
    def written(self) -> set[str]:
        """Pytest itself writes variables of its own between the phases of a test."""
        return {name for name in self.observer.written if name.startswith("PW_")}

    def of(self, *kinds: str) -> list[tuple[str, str]]:
        return [note for note in self.notes if note[0] in kinds]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv("PW_SET", "1")
    found = Watched()
    yield found
    found.observer.stop()


def call_as(module: str, code: str, **names: Any) -> Any:
    """The value of an expression that a module of that name computes."""
    return eval(code, {"__name__": module, "os": os, **names})


# Files and folders


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda path: open(path).close(), id="open"),
        pytest.param(lambda path: open(path, "rb").close(), id="open for bytes"),
        pytest.param(lambda path: open(path, "r+").close(), id="open for both"),
        pytest.param(lambda path: open(os.fsencode(path)).close(), id="open by bytes"),
        pytest.param(lambda path: open(os.path.relpath(path)).close(), id="open by relative path"),
        pytest.param(lambda path: os.close(os.open(path, os.O_RDONLY)), id="os.open"),
        pytest.param(lambda path: Path(path).read_text(), id="pathlib"),
        pytest.param(lambda path: io.open_code(path).close(), id="open_code"),
        pytest.param(lambda path: [Path(path).read_text() for _ in range(2)], id="twice"),
    ],
)
def test_a_file_that_is_read_is_noted_once(
    use: Callable[[str], object], watched: Watched, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    path.write_text("{}")
    watched.notes.clear()
    use(str(path))
    assert watched.of("open", "list") == [("open", str(path))]


@pytest.mark.parametrize("mode", ["w", "a", "x", "wb"])
def test_a_file_that_is_only_written_is_not_noted(
    mode: str, watched: Watched, tmp_path: Path
) -> None:
    open(tmp_path / "out.txt", mode).close()
    flags = os.O_WRONLY | os.O_CREAT
    os.close(os.open(tmp_path / "more.txt", flags))
    assert watched.of("open") == []


def test_a_file_that_is_asked_for_and_not_there_is_noted(watched: Watched, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        (tmp_path / "local.json").read_text()
    assert watched.of("open") == [("open", str(tmp_path / "local.json"))]


def test_descriptors_bytecode_and_installed_files_are_not_noted(
    watched: Watched, tmp_path: Path
) -> None:
    (tmp_path / "a.pyc").write_bytes(b"")
    reading, writing = os.pipe()
    for each in (reading, writing):
        open(each, "r" if each == reading else "w").close()
    open(tmp_path / "a.pyc").close()
    (tmp_path / "__pycache__").mkdir()
    os.listdir(tmp_path / "__pycache__")
    open(json.__file__).close()
    os.listdir(os.path.dirname(json.__file__))
    assert watched.of("open", "list") == []


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(os.listdir, id="listdir"),
        pytest.param(lambda path: list(os.scandir(path)), id="scandir"),
        pytest.param(lambda path: list(os.walk(path)), id="walk"),
        pytest.param(lambda path: list(Path(path).iterdir()), id="pathlib"),
        pytest.param(lambda path: list(Path(path).glob("*.json")), id="glob"),
        pytest.param(lambda path: shutil.copytree(path, path + ".copy"), id="copytree"),
    ],
)
def test_a_folder_that_is_listed_is_noted(
    use: Callable[[str], object], watched: Watched, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    watched.notes.clear()
    use(str(folder))
    assert watched.of("list") == [("list", str(folder))]


def test_the_working_folder_has_its_full_name(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.listdir()
    os.listdir(".")
    assert watched.of("list") == [("list", str(tmp_path))]


@pytest.mark.parametrize(
    ("module", "noted"),
    [
        ("conftest", True),
        ("_pytest.main", False),
        ("_pytest.pathlib", False),
        ("_frozen_importlib_external", False),
        ("importlib._bootstrap_external", False),
        ("pytest_mock", True),
    ],
)
def test_listings_of_pytest_and_of_imports_are_not_the_programs(
    module: str, noted: bool, watched: Watched, tmp_path: Path
) -> None:
    call_as(module, "os.listdir(path)", path=tmp_path)
    # The same through a module that lists for others.
    call_as(module, "list(os.walk(path))", path=str(tmp_path / "more"))
    found = [("list", str(tmp_path)), ("list", str(tmp_path / "more"))]
    assert watched.of("list") == (found if noted else [])


def test_pytest_reads_files_of_the_program_but_for_its_cache(
    watched: Watched, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "b").write_text("")
    call_as("_pytest.cacheprovider", "open(path).close()", path=tmp_path / "a")
    call_as("_pytest.config", "open(path).close()", path=tmp_path / "b")
    assert watched.of("open") == [("open", str(tmp_path / "b"))]


def test_what_cannot_be_a_path_is_left_alone(watched: Watched) -> None:
    for path in ("a\0b", b"a\0b"):
        with pytest.raises(ValueError, match="null"):
            os.open(path, os.O_RDONLY)
    with pytest.raises(TypeError):
        os.listdir(object())  # type: ignore[call-overload]


# Variables


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: os.environ["PW_SET"], id="item"),
        pytest.param(lambda: os.environ.get("PW_SET"), id="get"),
        pytest.param(lambda: os.getenv("PW_SET"), id="getenv"),
        pytest.param(lambda: "PW_SET" in os.environ, id="in"),
        pytest.param(lambda: os.environb[b"PW_SET"], id="bytes"),
        pytest.param(lambda: os.environ.setdefault("PW_SET", ""), id="setdefault"),
        pytest.param(lambda: [os.environ["PW_SET"], os.environ["PW_SET"]], id="twice"),
        pytest.param(lambda: os.path.expandvars("$PW_SET"), id="expandvars"),
    ],
)
def test_a_variable_that_is_read_is_noted_once(
    read: Callable[[], object], watched: Watched
) -> None:
    read()
    assert watched.of("env") == [("env", "PW_SET")]


def test_a_variable_that_is_asked_for_and_not_set_is_noted(watched: Watched) -> None:
    assert os.environ.get("PW_NOT_SET") is None
    with pytest.raises(KeyError):
        os.environ["PW_NOR_THIS"]
    assert watched.of("env") == [("env", "PW_NOT_SET"), ("env", "PW_NOR_THIS")]


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: list(os.environ), id="names"),
        pytest.param(lambda: dict(os.environ), id="dict"),
        pytest.param(lambda: os.environ.copy(), id="copy"),
        pytest.param(lambda: list(os.environ.items()), id="items"),
        pytest.param(lambda: os.environ == {}, id="equal"),
    ],
)
def test_reading_all_variables_is_noted_as_a_star(
    read: Callable[[], object], watched: Watched
) -> None:
    read()
    assert ("env", "*") in watched.of("env")


def test_variables_that_are_written_are_known_and_not_noted(watched: Watched) -> None:
    os.environ["PW_NEW"] = "1"
    os.environ.update({"PW_UPDATED": "1"})
    os.putenv("PW_PUT", "1")
    del os.environ["PW_SET"]
    assert watched.written == {"PW_NEW", "PW_UPDATED", "PW_SET"}
    for name in ("PW_NEW", "PW_UPDATED"):
        del os.environ[name]


def test_who_reads_a_variable_counts(watched: Watched) -> None:
    for read in ("os.environ['PW_SET']", "os.environ.get('PW_GOT')", "os.getenv('PW_TOO')"):
        library = compile(read, json.__file__, "eval")
        eval(library, {"__name__": "json", "os": os})
    os.environ.get("PW_OWN")
    assert watched.observer.read_by_libraries == {"PW_SET", "PW_GOT", "PW_TOO"}
    names = ("PW_SET", "PW_GOT", "PW_TOO", "PW_OWN")
    assert watched.of("env") == [("env", name) for name in names]


def test_what_pytest_reads_to_decide_how_it_prints_is_not_noted(watched: Watched) -> None:
    read = "os.environ.get('COLUMNS')"
    call_as("_pytest._io.terminalwriter", read)
    call_as("_pytest._io.terminalwriter", "'TERM' in os.environ")
    assert watched.of("env") == []
    call_as("_pytest.config", "os.environ.get('PW_SET')")
    call_as("program", read)
    assert watched.of("env") == [("env", "PW_SET"), ("env", "COLUMNS")]


# Pausing and stopping


def test_nothing_is_noted_while_it_is_paused(watched: Watched, tmp_path: Path) -> None:
    watched.observer.is_paused = True
    use_everything(tmp_path)
    assert (watched.notes, watched.written) == ([], set())
    watched.observer.is_paused = False
    use_everything(tmp_path)
    assert watched.notes == [
        ("open", __file__),
        ("list", str(tmp_path)),
        ("env", "PW_SET"),
        ("env", "*"),
    ]
    assert watched.written == {"PW_NEW"}


def test_nothing_is_noted_after_the_end_and_the_environment_is_pythons_own(
    watched: Watched, tmp_path: Path
) -> None:
    cls = type(os.environ)
    assert isinstance(cls.__getitem__, types.FunctionType)
    assert cls.__getitem__.__module__ == "prewarm._observe"
    watched.observer.stop()
    use_everything(tmp_path)
    assert (watched.notes, watched.written) == ([], set())
    for name in ("__getitem__", "__iter__", "__setitem__", "__delitem__"):
        assert getattr(cls, name).__module__ == "os"


def use_everything(folder: Path) -> None:
    Path(__file__).read_text(encoding="utf-8")
    os.listdir(folder)
    os.environ.get("PW_SET")
    list(os.environ)
    os.environ["PW_NEW"] = "1"
    del os.environ["PW_NEW"]


# Folders


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems hold only UTF-8 names")
@pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in LISTINGS])
def test_a_folders_names_make_the_digest_that_the_daemon_makes(
    case: dict[str, Any], tmp_path: Path
) -> None:
    for name in case["names"]:
        (tmp_path / os.fsdecode(bytes.fromhex(name))).write_text("")
    assert listing_digest(str(tmp_path)) == case["digest"]


def test_a_folder_that_is_not_there_has_a_digest_too(tmp_path: Path) -> None:
    assert listing_digest(str(tmp_path / "gone")) == "nothing"


def test_installed_packages_and_python_itself_are_no_part_of_a_project() -> None:
    folders = library_folders()
    for module in (json, pytest):
        assert str(module.__file__).startswith(folders)
    assert not __file__.startswith(folders)
    assert all(folder.endswith(os.sep) for folder in folders)
