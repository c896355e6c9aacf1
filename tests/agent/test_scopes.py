"""Which tests stay together, on a real collection of pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prewarm._scopes import scopes_of

TESTS = """
import pytest

@pytest.fixture(scope="class")
def of_class(): pass

@pytest.fixture(scope="module")
def of_module(): pass

class TestOne:
    def test_a(self, of_class): pass
    def test_b(self, of_class): pass

@pytest.mark.xdist_group("g")
def test_c(): pass

@pytest.mark.xdist_group(name="g")
def test_d(): pass

def test_e(of_module): pass
def test_f(of_module): pass
"""


class Collector:
    def pytest_collection_finish(self, session: Any) -> None:
        self.items = list(session.items)


@pytest.fixture
def items(tmp_path: Path) -> list[Any]:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = xdist_group: a group\n")
    # Each collection imports it under another name.
    (tmp_path / f"test_{tmp_path.name}.py").write_text(TESTS)
    collector = Collector()
    options = ["-q", "--co", "-p", "no:cacheprovider", str(tmp_path)]
    pytest.main(options, plugins=[collector])
    return collector.items


@pytest.mark.parametrize(
    ("dist", "groups"),
    [
        ("load", [0, 1, 2, 3, 4, 5]),
        ("worksteal", [0, 1, 2, 3, 4, 5]),
        ("loadfile", [0, 0, 0, 0, 0, 0]),
        ("loadscope", [0, 0, 1, 1, 1, 1]),
        ("loadgroup", [0, 1, 2, 2, 3, 4]),
        ("", [0, 0, 1, 2, 3, 3]),
    ],
)
def test_each_mode_groups_as_it_says(items: list[Any], dist: str, groups: list[int]) -> None:
    assert scopes_of(items, dist) == groups
