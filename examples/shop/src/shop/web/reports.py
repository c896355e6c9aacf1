from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shop.reports.customers import repeat_rate, top_customers
from shop.reports.export import as_records
from shop.reports.frames import refunds_frame, sales_frame, stock_frame
from shop.reports.inventory import stock_value
from shop.reports.revenue import monthly_revenue
from shop.reports.year_end import year_end
from shop.web.auth import require_token
from shop.web.context import services, session
from shop.web.reading import year_argument

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
blueprint.before_request(require_token)


@blueprint.get("/revenue")
def revenue() -> Response:
    year = year_argument(services().clock.now().year)
    table = monthly_revenue(sales_frame(session()), refunds_frame(session()), year)
    return jsonify(year=year, months=as_records(table))


@blueprint.get("/year-end")
def year_end_report() -> Response:
    year = year_argument(services().clock.now().year - 1)
    figures = year_end(sales_frame(session()), refunds_frame(session()), year)
    return jsonify(
        year=figures.year,
        orders=figures.orders,
        gross=figures.gross.cents,
        refunds=figures.refunds.cents,
        net=figures.net.cents,
        tax=figures.tax.cents,
        best_month=figures.best_month,
        growth_percent=figures.growth_percent,
    )


@blueprint.get("/customers")
def customers() -> Response:
    sales = sales_frame(session())
    return jsonify(top=as_records(top_customers(sales)), repeat_rate=repeat_rate(sales))


@blueprint.get("/stock-value")
def value_of_stock() -> Response:
    return jsonify(cents=stock_value(stock_frame(session())).cents)
