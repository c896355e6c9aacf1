"""The command `shop`: prices, data and reports from the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shop import prices
from shop.errors import ShopError
from shop.invoices import gaps
from shop.money import Money
from shop.settings import SETTINGS
from shop.tax import TaxClass, tax_on, tax_percent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0, or 1 with one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except ShopError as error:
        print(f"shop: {error}", file=sys.stderr)
        return 1
    return code


def price(options: argparse.Namespace) -> int:
    unit = Money.parse(options.amount)
    net = prices.line_total(unit, options.quantity)
    percent = tax_percent(SETTINGS.home_country, options.country, TaxClass(options.tax_class))
    tax = tax_on(net, percent)
    print(f"{options.quantity} x {unit}")
    print(f"discount {prices.discount(unit, options.quantity)}")
    print(f"net {net}")
    print(f"tax {percent} % {tax}")
    print(f"total {net + tax}")
    more = prices.pieces_to_next_break(options.quantity)
    if more is not None and more <= 3:
        print(f"{more} more for {prices.discount_percent(options.quantity + more)} % off")
    return 0


def seed(options: argparse.Namespace) -> int:
    # Imported on use, here and below: `shop price` does not wait for the database and pandas.
    from shop.db.engine import session_scope
    from shop.db.seed import seed as fill

    with _database(options.database) as sessions, session_scope(sessions) as session:
        count = fill(session, options.year)
    print(f"{count} orders in {options.year}")
    return 0


def import_catalogue(options: argparse.Namespace) -> int:
    from shop.catalogue_file import read_catalogue
    from shop.db.engine import session_scope
    from shop.services.warehouse import update_catalogue

    content = read_catalogue(options.file)
    for problem in content.problems:
        print(f"{options.file.name}, {problem}", file=sys.stderr)
    with _database(options.database) as sessions, session_scope(sessions) as session:
        added, changed = update_catalogue(session, content.articles)
    print(f"{added} added, {changed} changed, {len(content.problems)} refused")
    return 1 if content.problems else 0


def revenue(options: argparse.Namespace) -> int:
    from shop.reports.export import as_text, write_csv
    from shop.reports.frames import refunds_frame, sales_frame
    from shop.reports.revenue import monthly_revenue

    with _database(options.database) as sessions, sessions() as session:
        table = monthly_revenue(sales_frame(session), refunds_frame(session), options.year)
    if options.csv is not None:
        write_csv(table, options.csv)
    else:
        print(as_text(table))
    return 0


def audit(options: argparse.Namespace) -> int:
    """Looks for gaps in the order numbers and for pieces that no stock move explains."""
    from sqlalchemy import select

    from shop.models import Order
    from shop.queries.products import active_products
    from shop.services.warehouse import shelf_difference

    with _database(options.database) as sessions, sessions() as session:
        findings = [f"{number} is missing" for number in gaps(session.scalars(select(Order.number)))]
        for product in active_products(session):
            difference = shelf_difference(session, product)
            if difference:
                findings.append(f"{product.sku}: {difference:+d} pieces")
    print("\n".join(findings) or "no findings")
    return 1 if findings else 0


@contextmanager
def _database(url: str) -> Iterator[sessionmaker[Session]]:
    from shop.db.engine import create_tables, make_engine, make_sessions

    engine = make_engine(url)
    create_tables(engine)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shop", description=__doc__)
    parser.add_argument("--database", default=SETTINGS.database_url, help="an SQLAlchemy URL")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("price", help="what a line costs")
    command.add_argument("amount", help="price of a piece before tax, such as 12.50")
    command.add_argument("--quantity", type=int, default=1)
    command.add_argument("--country", default=SETTINGS.home_country)
    command.add_argument("--tax-class", default="standard", choices=[each.value for each in TaxClass])
    command.set_defaults(run=price)

    command = commands.add_parser("seed", help="fill an empty database with data to try")
    command.add_argument("--year", type=int, required=True)
    command.set_defaults(run=seed)

    command = commands.add_parser("import-catalogue", help="read the supplier's price list")
    command.add_argument("file", type=Path)
    command.set_defaults(run=import_catalogue)

    command = commands.add_parser("revenue", help="revenue by month")
    command.add_argument("--year", type=int, required=True)
    command.add_argument("--csv", type=Path, help="write a file for the spreadsheet")
    command.set_defaults(run=revenue)

    command = commands.add_parser("audit", help="gaps in numbers, differences in stock")
    command.set_defaults(run=audit)
    return parser
