from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from shop.errors import InvalidInput
from shop.money import Money
from shop.queries.products import active_products, low_stock, product_by_sku, search_products
from shop.services import warehouse
from shop.web.auth import require_token
from shop.web.context import services, session
from shop.web.reading import json_body
from shop.web.writing import product_json

blueprint = Blueprint("products", __name__, url_prefix="/products")
blueprint.before_request(require_token)


@blueprint.get("")
def list_products() -> Response:
    text = request.args.get("q", "").strip()
    found = search_products(session(), text) if text else active_products(session())
    return jsonify(items=[product_json(product) for product in found])


@blueprint.get("/low")
def list_low_stock() -> Response:
    return jsonify(items=[product_json(product) for product in low_stock(session())])


@blueprint.get("/<sku>")
def show_product(sku: str) -> Response:
    return jsonify(product_json(product_by_sku(session(), sku)))


@blueprint.patch("/<sku>")
def change_product(sku: str) -> Response:
    """Changes the price, as text such as 12.50, and whether the product is on sale."""
    body = json_body()
    product = product_by_sku(session(), sku)
    if "price" in body:
        price = Money.parse(str(body["price"]))
        if price.cents <= 0:
            raise InvalidInput(f"Expected a price above zero, got {price}.")
        product.price = price
    if "active" in body:
        product.active = body["active"] is True
    session().commit()
    return jsonify(product_json(product))


@blueprint.post("/<sku>/receive")
def receive_product(sku: str) -> Response:
    body = json_body("pieces")
    if type(body["pieces"]) is not int:
        raise InvalidInput("Expected pieces to be an integer.")
    product = product_by_sku(session(), sku)
    warehouse.receive(session(), product, body["pieces"], services().clock)
    session().commit()
    return jsonify(product_json(product))
