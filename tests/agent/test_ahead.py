"""Which modules may be there after packages were imported ahead, though nobody has seen them in their natural place."""

from __future__ import annotations

from pathlib import Path

import pytest
from prewarm._ahead import Ahead


@pytest.mark.parametrize(
    ("name", "source", "is_fine"),
    [
        ("stats.rank_test", "def rank(): pass\n", True),
        ("stats.test_rank", "def rank(): pass\n", True),
        ("stats.rank_test", "def rank(x): assert x > 1\n", False),
        ("stats.rank", "def rank(): pass\n", False),
        ("other.rank_test", "def rank(): pass\n", False),
    ],
    ids=("at the end", "at the start", "asserts", "another name", "another package"),
)
def test_a_module_that_pytest_takes_for_a_test_file_may_come_unrewritten_where_it_asserts_nothing(
    tmp_path: Path, name: str, source: str, is_fine: bool
) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    ahead = Ahead([("stats", "/venv/stats/__init__.py")], [])
    assert ahead._is_rewritten_for_nothing(name, str(file)) == is_fine
