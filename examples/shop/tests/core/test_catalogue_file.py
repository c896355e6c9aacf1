from __future__ import annotations

import pytest

from shop.catalogue_file import read_catalogue, write_catalogue
from shop.errors import InvalidInput
from shop.money import Money

HEADER = "sku,name,price,grams,tax_class\n"


@pytest.fixture
def catalogue(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "prices.csv"
        path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write


def test_reads(catalogue):
    content = read_catalogue(catalogue('tea-0001-9,"Assam, strong",8.90,280,reduced'))
    assert content.problems == []
    assert content.articles[0].name == "Assam, strong"
    assert content.articles[0].price == Money(890)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("TEA-0001-8,Assam,8.90,280,reduced", "check digit"),
        ("TEA-0001-9,,8.90,280,reduced", "no name"),
        ("TEA-0001-9,Assam,cheap,280,reduced", "amount"),
        ("TEA-0001-9,Assam,8.90,heavy,reduced", "heavy"),
        ("TEA-0001-9,Assam,8.90,280,luxury", "luxury"),
    ],
)
def test_problem_names_the_line(catalogue, row, problem):
    content = read_catalogue(catalogue("POT-0001-4,Pot,34.90,900,standard", row))
    assert len(content.articles) == 1
    assert content.problems[0].startswith("line 3: ")
    assert problem in content.problems[0]


def test_twice(catalogue):
    content = read_catalogue(catalogue(*["TEA-0001-9,Assam,8.90,280,reduced"] * 2))
    assert content.problems == ["line 3: TEA-0001-9 is listed twice."]


def test_missing_column(catalogue):
    with pytest.raises(InvalidInput, match="grams"):
        read_catalogue(catalogue(header="sku,name,price,tax_class\n"))


def test_there_and_back(tmp_path, tea, pot):
    path = tmp_path / "out.csv"
    write_catalogue(path, [tea, pot])
    assert read_catalogue(path).articles == [tea, pot]
