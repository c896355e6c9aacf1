"""A year of orders, made once for all reports, and small frames whose sums fit into a head."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from shop.db.engine import create_tables, make_engine, make_sessions
from shop.db.seed import seed
from shop.reports.frames import LINE_COLUMNS, SALE_COLUMNS


@pytest.fixture(scope="package")
def year() -> Iterator[Session]:
    """A database with the orders of 2024. Reports only read."""
    engine = make_engine("sqlite://")
    create_tables(engine)
    with make_sessions(engine)() as session:
        seed(session, 2024)
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def sales() -> pd.DataFrame:
    rows = [
        ("SO-2023-00001", "2023-11-20", "2023-11", "anna", "DE", 8_000, 0, 2_000, 10_000, 0),
        ("SO-2024-00001", "2024-01-05", "2024-01", "anna", "DE", 4_000, 0, 1_000, 5_000, 1_000),
        ("SO-2024-00002", "2024-01-31", "2024-01", "bruno", "AT", 2_000, 500, 500, 3_000, 0),
        ("SO-2024-00003", "2024-03-02", "2024-03", "colette", "FR", 7_000, 0, 0, 7_000, 0),
    ]
    frame = pd.DataFrame(rows, columns=list(SALE_COLUMNS))
    frame["placed_at"] = pd.to_datetime(frame["placed_at"])
    return frame


@pytest.fixture
def refunds() -> pd.DataFrame:
    return pd.DataFrame([("2024-02", 1_000, "broken")], columns=["month", "amount", "reason"])


@pytest.fixture
def lines() -> pd.DataFrame:
    rows = [
        ("SO-2024-00001", "2024-01", "DE", "TEA-0001-9", "Assam", 4, 1, 4_000, "7", 280),
        ("SO-2024-00002", "2024-02", "AT", "TEA-0001-9", "Assam", 9, 0, 9_000, "10", 900),
        ("SO-2024-00002", "2024-02", "AT", "POT-0001-4", "Pot", 1, 0, 3_500, "20", 700),
        ("SO-2024-00003", "2024-04", "DE", "POT-0001-4", "Pot", 1, 0, 3_500, "19", 665),
    ]
    return pd.DataFrame(rows, columns=list(LINE_COLUMNS))
