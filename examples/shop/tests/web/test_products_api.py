from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("products")

TEA = "TEA-0001-9"


def test_list(admin):
    _, body = admin("GET", "/products")
    assert [item["name"] for item in body["items"]] == ["Assam Breakfast", "Glass Teapot"]


def test_search(admin):
    _, body = admin("GET", "/products?q=glass")
    assert [item["sku"] for item in body["items"]] == ["POT-0001-4"]


def test_show(admin):
    assert admin("GET", f"/products/{TEA}") == (
        200,
        {
            "sku": TEA,
            "name": "Assam Breakfast",
            "slug": "assam-breakfast",
            "price": 1_000,
            "tax_class": "reduced",
            "available": 20,
            "low": False,
        },
    )


def test_low(admin, session, products):
    products[TEA].on_hand = 3
    session.commit()
    _, body = admin("GET", "/products/low")
    assert [item["sku"] for item in body["items"]] == [TEA]


@pytest.mark.parametrize(("text", "cents"), [("12.50", 1_250), ("9", 900), ("8,95", 895)])
def test_change_price(admin, text, cents):
    assert admin("PATCH", f"/products/{TEA}", {"price": text})[1]["price"] == cents
    assert admin("GET", f"/products/{TEA}")[1]["price"] == cents


@pytest.mark.parametrize("text", ["0", "-1", "cheap", "1.005"])
def test_change_price_refused(admin, text):
    assert admin("PATCH", f"/products/{TEA}", {"price": text})[0] == 422


def test_off_sale(admin):
    admin("PATCH", f"/products/{TEA}", {"active": False})
    assert len(admin("GET", "/products")[1]["items"]) == 1


def test_receive(admin):
    assert admin("POST", f"/products/{TEA}/receive", {"pieces": 5})[1]["available"] == 25


@pytest.mark.parametrize("pieces", [0, -3, "5", 1.5, True])
def test_receive_refused(admin, pieces):
    assert admin("POST", f"/products/{TEA}/receive", {"pieces": pieces})[0] == 422


def test_unknown(admin):
    assert admin("GET", "/products/CUP-0001-9")[0] == 404
