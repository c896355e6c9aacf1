"""The supplier's price list: a CSV file with sku, name, price, grams and tax_class."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from shop.cart import Article
from shop.errors import InvalidInput
from shop.money import Money
from shop.sku import make_sku, parse_sku
from shop.tax import TaxClass

COLUMNS = ("sku", "name", "price", "grams", "tax_class")


@dataclass
class CatalogueFile:
    articles: list[Article] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_catalogue(path: Path) -> CatalogueFile:
    """Reads every row that can be read; the others are problems with their line number."""
    result = CatalogueFile()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput(f"{path.name} lacks the column {missing[0]}.")
        seen: set[str] = set()
        for row in reader:
            try:
                article = _article(row)
                if article.sku in seen:
                    raise InvalidInput(f"{article.sku} is listed twice.")
            except (InvalidInput, ValueError) as error:
                result.problems.append(f"line {reader.line_num}: {error}")
            else:
                seen.add(article.sku)
                result.articles.append(article)
    return result


def write_catalogue(path: Path, articles: list[Article]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for article in articles:
            euros, cents = divmod(article.price.cents, 100)
            price = f"{euros}.{cents:02d}"
            writer.writerow((article.sku, article.name, price, article.grams, article.tax_class.value))


def _article(row: dict[str, str]) -> Article:
    if not row["name"].strip():
        raise InvalidInput(f"{row['sku']} has no name.")
    return Article(
        sku=make_sku(*parse_sku(row["sku"])),
        name=row["name"].strip(),
        price=Money.parse(row["price"]),
        grams=int(row["grams"]),
        tax_class=TaxClass(row["tax_class"]),
    )
