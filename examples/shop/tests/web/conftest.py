"""The admin API over the database of the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from shop.clock import FixedClock
from shop.mail.outbox import MemoryOutbox
from shop.services.payments import InvoiceGateway
from shop.settings import SETTINGS
from shop.web.app import create_app
from shop.web.context import KEY, Services


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


@pytest.fixture(scope="package")
def shared_app() -> Flask:
    """Built once: compiling the routes takes longer than a request."""
    clock = FixedClock(datetime(2024, 1, 1))
    app = create_app(Services(SETTINGS, sessionmaker(), clock, InvoiceGateway(), MemoryOutbox()))
    app.testing = True
    return app


@pytest.fixture
def app(
    shared_app: Flask,
    sessions: sessionmaker[Session],
    clock: FixedClock,
    gateway: InvoiceGateway,
    outbox: MemoryOutbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Flask:
    """The application with the services of this test."""
    services = Services(SETTINGS, sessions, clock, gateway, outbox)
    monkeypatch.setitem(shared_app.extensions, KEY, services)
    return shared_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody in particular: without a token."""
    return app.test_client()


@pytest.fixture
def admin(client: FlaskClient) -> Callable[..., tuple[int, Any]]:
    """Calls with the token: status and JSON."""

    def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {SETTINGS.admin_token}"}
        response = client.open(path, method=method, json=body, headers=headers)
        return response.status_code, response.get_json()

    return call
