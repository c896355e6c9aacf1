from __future__ import annotations

import pytest

from shop.catalogue_file import write_catalogue
from shop.db.engine import make_engine, make_sessions
from shop.queries.products import product_by_sku


class TestSeeded:
    @pytest.fixture
    def database(self, seeded_database):
        return seeded_database

    def test_revenue(self, run, capsys):
        assert run("revenue", "--year", "2024") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["orders", "gross", "refunds", "net"]
        assert [line[:7] for line in lines[2:]] == [f"2024-{month:02d}" for month in range(1, 13)]

    def test_revenue_as_csv(self, run, capsys, tmp_path):
        target = tmp_path / "out" / "revenue.csv"
        assert run("revenue", "--year", "2024", "--csv", str(target)) == 0
        assert capsys.readouterr().out == ""
        rows = target.read_text(encoding="utf-8").splitlines()
        assert rows[0] == "month;orders;gross;refunds;net"
        assert len(rows) == 13

    def test_audit(self, run, capsys):
        assert run("audit") == 0
        assert capsys.readouterr().out == "no findings\n"


def test_seed(run, capsys):
    assert run("seed", "--year", "2023") == 0
    assert capsys.readouterr().out == "24 orders in 2023\n"


def test_audit_finds(run, capsys, database, tmp_path, tea):
    path = tmp_path / "prices.csv"
    write_catalogue(path, [tea])
    run("import-catalogue", str(path))
    engine = make_engine(database)
    with make_sessions(engine).begin() as session:
        product_by_sku(session, tea.sku).on_hand = 3
    engine.dispose()
    capsys.readouterr()
    assert run("audit") == 1
    assert capsys.readouterr().out == f"{tea.sku}: +3 pieces\n"


def test_import_catalogue(run, capsys, tmp_path, tea, pot):
    path = tmp_path / "prices.csv"
    write_catalogue(path, [tea, pot])
    assert run("import-catalogue", str(path)) == 0
    assert run("import-catalogue", str(path)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 added, 0 changed, 0 refused",
        "0 added, 0 changed, 0 refused",
    ]


def test_import_catalogue_with_problems(run, capsys, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("sku,name,price,grams,tax_class\nTEA-1,Assam,8.90,280,reduced\n", encoding="utf-8")
    assert run("import-catalogue", str(path)) == 1
    assert "prices.csv, line 2: " in capsys.readouterr().err
