from __future__ import annotations

from shop.order_states import OrderState
from shop.reports.frames import (
    LINE_COLUMNS,
    SALE_COLUMNS,
    lines_frame,
    refunds_frame,
    sales_frame,
    stock_frame,
)


def test_sales(session, make_order):
    make_order("paid")
    (row,) = sales_frame(session).to_dict("records")
    assert row["number"] == "SO-2024-00001"
    assert row["month"] == "2024-03"
    assert (row["goods"], row["tax"], row["total"]) == (5_500, 805, 6_305)


def test_what_was_not_paid_is_no_sale(session, make_order):
    make_order()
    make_order("paid").move_to(OrderState.CANCELLED)
    assert sales_frame(session).empty


def test_empty_frames_have_their_columns(session):
    assert tuple(sales_frame(session).columns) == SALE_COLUMNS
    assert tuple(lines_frame(session).columns) == LINE_COLUMNS
    assert refunds_frame(session).empty
    assert stock_frame(session).empty


def test_the_year(year):
    sales = sales_frame(year)
    assert len(sales) == 24
    assert sales["placed_at"].is_monotonic_increasing
    assert sales["month"].nunique() == 12


def test_lines_add_up_to_the_goods(year):
    by_order = lines_frame(year).groupby("number")["net"].sum()
    goods = sales_frame(year).set_index("number")["goods"]
    assert by_order.to_dict() == goods.to_dict()


def test_refunds_add_up(year):
    assert refunds_frame(year)["amount"].sum() == sales_frame(year)["refunded"].sum()


def test_stock(session, products, make_order):
    make_order()
    frame = stock_frame(session).set_index("sku")
    assert frame.loc["TEA-0001-9", "available"] == 18
    assert frame.loc["TEA-0001-9", "on_hand"] == 20
