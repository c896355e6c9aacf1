"""Failures as JSON: a code for programs, a sentence for people."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from shop.errors import ShopError


def install(app: Flask) -> None:
    app.register_error_handler(ShopError, _shop_error)
    app.register_error_handler(HTTPException, _http_error)


def _shop_error(error: ShopError) -> tuple[Response, int]:
    return jsonify(code=error.code, message=str(error)), error.http_status


def _http_error(error: HTTPException) -> tuple[Response, int]:
    status = error.code or 500
    return jsonify(code=error.name.lower().replace(" ", "-"), message=error.description), status
