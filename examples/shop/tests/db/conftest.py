"""A database file for what is started from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shop.cli import main


@pytest.fixture(scope="module")
def seeded_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the orders of 2024, for commands that only read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'shop.db'}"
    assert main(["--database", url, "seed", "--year", "2024"]) == 0
    return url


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def run(database: str) -> Callable[..., int]:
    def run(*arguments: str) -> int:
        return main(["--database", database, *arguments])

    return run
