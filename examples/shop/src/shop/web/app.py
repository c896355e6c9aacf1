"""The Flask application."""

from __future__ import annotations

from flask import Flask, Response, jsonify

import shop
from shop.clock import SystemClock
from shop.db.engine import create_tables, make_engine, make_sessions
from shop.mail.outbox import MemoryOutbox
from shop.services.payments import InvoiceGateway
from shop.settings import SETTINGS
from shop.web import customers, orders, problems, products, reports
from shop.web.context import Services, install


def create_app(given: Services | None = None) -> Flask:
    """The application; without services it works with the settings of the environment."""
    app = Flask("shop")
    install(app, given or _services_of_the_settings())
    problems.install(app)
    for module in (orders, products, customers, reports):
        app.register_blueprint(module.blueprint)
    app.add_url_rule("/health", view_func=health)
    return app


def health() -> Response:
    return jsonify(status="ok", version=shop.__version__)


def _services_of_the_settings() -> Services:
    engine = make_engine(SETTINGS.database_url)
    create_tables(engine)
    return Services(SETTINGS, make_sessions(engine), SystemClock(), InvoiceGateway(), MemoryOutbox())
