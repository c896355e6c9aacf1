from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shop.cart import Cart
from shop.mail.messages import send_confirmation, send_refund_notice
from shop.queries.customers import customer_by_id
from shop.queries.orders import order_by_number, orders_page
from shop.queries.products import products_by_sku
from shop.services import checkout, warehouse
from shop.services.returns import refund_order
from shop.web.auth import require_token
from shop.web.context import services, session
from shop.web.reading import json_body, page_and_size, quantities, state_argument
from shop.web.writing import order_json, page_json

blueprint = Blueprint("orders", __name__, url_prefix="/orders")
blueprint.before_request(require_token)


@blueprint.get("")
def list_orders() -> Response:
    page, size = page_and_size()
    orders, count = orders_page(session(), page, size, state_argument())
    return jsonify(page_json([order_json(order) for order in orders], count, page, size))


@blueprint.get("/<number>")
def show_order(number: str) -> Response:
    return jsonify(order_json(order_by_number(session(), number)))


@blueprint.post("")
def create_order() -> tuple[Response, int]:
    """An order by telephone: placed and charged to the customer's account in one step."""
    body = json_body("customer", "items")
    items = quantities(body["items"])
    customer = customer_by_id(session(), int(body["customer"]))
    products = products_by_sku(session(), items)
    cart = Cart()
    for sku, quantity in items.items():
        cart.add(products[sku].as_article(), quantity)
    order = checkout.place_order(session(), customer, cart, services().clock)
    checkout.pay(session(), order, services().gateway, services().clock)
    session().commit()
    send_confirmation(services().outbox, order)
    return jsonify(order_json(order)), 201


@blueprint.post("/<number>/ship")
def ship_order(number: str) -> Response:
    order = order_by_number(session(), number)
    warehouse.ship(session(), order, services().clock)
    session().commit()
    return jsonify(order_json(order))


@blueprint.post("/<number>/cancel")
def cancel_order(number: str) -> Response:
    order = order_by_number(session(), number)
    checkout.cancel(session(), order)
    session().commit()
    return jsonify(order_json(order))


@blueprint.post("/<number>/refunds")
def create_refund(number: str) -> tuple[Response, int]:
    body = json_body("items", "reason")
    order = order_by_number(session(), number)
    refund = refund_order(
        session(),
        order,
        quantities(body["items"]),
        services().gateway,
        services().clock,
        reason=str(body["reason"]),
        opened=body.get("opened") is True,
    )
    session().commit()
    send_refund_notice(services().outbox, refund)
    return jsonify(amount=refund.amount.cents, order=order_json(order)), 201
