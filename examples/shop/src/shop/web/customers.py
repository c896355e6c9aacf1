from __future__ import annotations

from flask import Blueprint, Response, jsonify

from shop.queries.customers import customer_by_id, customers_page
from shop.services.accounts import redeem_points, register
from shop.web.auth import require_token
from shop.web.context import services, session
from shop.web.reading import json_body, page_and_size
from shop.web.writing import customer_json, page_json

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
blueprint.before_request(require_token)


@blueprint.get("")
def list_customers() -> Response:
    page, size = page_and_size()
    customers, count = customers_page(session(), page, size)
    return jsonify(page_json([customer_json(customer) for customer in customers], count, page, size))


@blueprint.get("/<int:customer_id>")
def show_customer(customer_id: int) -> Response:
    return jsonify(customer_json(customer_by_id(session(), customer_id)))


@blueprint.post("")
def create_customer() -> tuple[Response, int]:
    body = json_body("email", "name", "country")
    customer = register(
        session(),
        services().clock,
        email=str(body["email"]),
        name=str(body["name"]),
        country=str(body["country"]),
        vat_id=body.get("vat_id"),
    )
    session().commit()
    return jsonify(customer_json(customer)), 201


@blueprint.post("/<int:customer_id>/redeem")
def redeem(customer_id: int) -> Response:
    body = json_body("points")
    customer = customer_by_id(session(), customer_id)
    value = redeem_points(customer, int(body["points"]))
    session().commit()
    return jsonify(value=value.cents, customer=customer_json(customer))
