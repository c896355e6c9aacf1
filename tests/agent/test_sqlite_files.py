"""Which file each way of opening a database leads to, as SQLite itself sees it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from prewarm._sqlite_files import file_of


@pytest.mark.parametrize(
    ("database", "is_uri", "file"),
    [
        ("shop.db", False, "shop.db"),
        (b"shop.db", False, "shop.db"),
        (Path("shop.db"), False, "shop.db"),
        ("file:shop.db", True, "shop.db"),
        ("file:a%20b.db?mode=rwc", True, "a b.db"),
        ("file:shop.db?cache=shared#part", True, "shop.db"),
        (":memory:", False, None),
        ("", False, None),
        ("file::memory:", True, None),
        ("file::memory:?cache=shared", True, None),
        ("file:memorydb_default?mode=memory&cache=shared", True, None),
    ],
)
def test_the_file_is_the_one_that_sqlite_makes(
    database: object,
    is_uri: bool,
    file: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect(os.fsdecode(database), uri=is_uri)  # type: ignore[arg-type]
    connection.execute("create table prices (price)")
    connection.commit()
    connection.close()
    assert file_of(database) == file
    assert os.listdir() == ([] if file is None else [file])


@pytest.mark.parametrize("start", ["file:", "file://", "file://localhost"])
def test_absolute_uris(start: str) -> None:
    assert file_of(f"{start}/shop/shop.db") == "/shop/shop.db"


def test_what_is_no_name_is_no_file() -> None:
    assert file_of(7) is None
