"""What a start has written, as it is told at the end of each segment."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from prewarm._left_files import NOT_LEFT, LeftFiles
from prewarm._own_changes import OwnChanges
from prewarm._sqlite_files import database_content

LONG_AGO = 1_000_000_000


def write(path: Path, text: str, at: int = LONG_AGO) -> str:
    path.write_text(text)
    os.utime(path, (at, at))
    return str(path)


def test_each_file_is_told_once_and_again_when_it_was_written_to(tmp_path: Path) -> None:
    left = LeftFiles()
    path = write(tmp_path / "state", "1")
    assert [(kind, each) for kind, each, _ in left.news([path], [])] == [("file", path)]
    assert list(left.news([path], [])) == []
    write(tmp_path / "state", "22")
    assert [signature[1] for _, _, signature in left.news([path], [])] == [2]


def test_what_is_open_for_writing_or_gone_counts_no_more(tmp_path: Path) -> None:
    left = LeftFiles()
    path = write(tmp_path / "log", "1")
    with open(path, "a"):
        assert list(left.news([path], [])) == []
    assert len(list(left.news([path], []))) == 1
    with open(path, "a"):
        assert list(left.news([path], [])) == [("file", path, NOT_LEFT)]
    assert len(list(left.news([path], []))) == 1
    assert list(left.news([], [])) == [("file", path, NOT_LEFT)]


def test_a_database_is_told_while_it_is_open_with_the_version_of_its_log(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table goods (name)")
    connection.commit()
    left = LeftFiles()
    ((kind, _, before),) = left.news([path], [path])
    assert kind == "database"
    assert before[4] != ""
    connection.execute("insert into goods values ('pear')")
    connection.commit()
    ((_, _, after),) = left.news([path], [path])
    assert after[4] != before[4]
    connection.close()


def test_the_same_tables_are_the_same_database(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    assert database_content(path) == "nothing"

    def make(price: int) -> str:
        connection = sqlite3.connect(path)
        connection.execute("drop table if exists prices")
        connection.execute("create table prices (value)")
        connection.execute("insert into prices values (?)", (price,))
        connection.commit()
        connection.close()
        return database_content(path)

    first = make(1)
    assert make(1) == first
    assert make(2) != first


def test_what_was_written_ahead_is_part_of_a_database(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table goods (name)")
    connection.commit()
    before = database_content(path)
    connection.execute("insert into goods values ('pear')")
    connection.commit()
    assert database_content(path) != before
    connection.close()


def test_only_what_was_put_there_by_the_program_is_its_own(tmp_path: Path) -> None:
    own = OwnChanges(())
    made, found = str(tmp_path / "made"), str(tmp_path / "found")
    own.note_folder(made, True)
    own.note_folder(found, False)
    assert own.is_own(made + "/shop.db")
    assert not own.is_own(found + "/shop.db")
    own.note_removed(found + "/shop.db")
    assert own.is_own(found + "/shop.db")
