"""Which cached bytecode of a source is taken away before the source is executed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from prewarm._bytecode import refuse_doubtful_bytecode

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("was_edited", "written_after_seconds", "is_kept"),
    [
        (False, -5, False),
        (False, 0, False),
        (False, 2, True),
        (True, 2, False),
        (True, 60, True),
    ],
    ids=("older", "same second", "younger", "edited just before", "edited long before"),
)
def test_bytecode_counts_where_it_was_written_after_the_source(
    tmp_path: Path, was_edited: bool, written_after_seconds: int, is_kept: bool
) -> None:
    source, cached = _module(tmp_path)
    changed_ns = source.stat().st_ctime_ns
    os.utime(cached, ns=(0, changed_ns + written_after_seconds * SECOND_NS))
    refuse_doubtful_bytecode(str(source), was_edited)
    assert cached.exists() == is_kept


def test_a_time_that_was_set_back_does_not_make_an_edited_source_old(tmp_path: Path) -> None:
    source, cached = _module(tmp_path)
    os.utime(source, ns=(0, 0))
    refuse_doubtful_bytecode(str(source), was_edited=True)
    assert not cached.exists()


def _module(folder: Path) -> tuple[Path, Path]:
    source = folder / "prices.py"
    source.write_text("RATE = 1\n")
    cached = Path(importlib.util.cache_from_source(str(source)))
    cached.parent.mkdir()
    cached.write_bytes(b"bytecode")
    return source, cached
