"""What is told of a file just before it is used."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from prewarm._signature import NO_FILE, signature_of, signature_with

LONG_AGO = 1_000_000_000.5


def test_a_file_that_was_just_written_is_told_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "prices.py"
    path.write_bytes(b"RATE = 1\n")
    # A time in whole seconds may stand for two of them.
    os.utime(path, (path.stat().st_atime, int(path.stat().st_mtime)))
    status = path.stat()
    times = [str(status.st_mtime_ns), 9, str(status.st_ino), str(status.st_ctime_ns)]
    expected = [*times, hashlib.sha256(b"RATE = 1\n").hexdigest()]
    assert signature_of(str(path)) == expected
    assert signature_with(status, b"RATE = 1\n") == expected


def test_of_an_old_file_the_signature_is_enough(tmp_path: Path) -> None:
    # Nobody can set the time of the last change of any kind, so it has to be a file that was there before.
    status = os.stat(os.__file__)
    assert signature_of(os.__file__) == [
        str(status.st_mtime_ns),
        status.st_size,
        str(status.st_ino),
        str(status.st_ctime_ns),
    ]


def test_folders_and_nothing_have_no_content(tmp_path: Path) -> None:
    assert len(signature_of(str(tmp_path))) == 4
    assert signature_of(str(tmp_path / "nothing.py")) == NO_FILE
