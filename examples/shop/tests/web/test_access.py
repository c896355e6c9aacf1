from __future__ import annotations

from dataclasses import replace

import pytest

import shop
from shop.settings import SETTINGS
from shop.web.app import create_app
from shop.web.context import KEY

PATHS = ["/orders", "/products", "/customers", "/reports/revenue"]


@pytest.mark.parametrize("path", PATHS)
def test_no_token(client, path):
    response = client.get(path)
    assert response.status_code == 401
    assert response.get_json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "header", ["Bearer second-flush", "Basic first-flush", "Bearer", "first-flush", "Bearer schön"]
)
def test_wrong_token(client, header):
    assert client.get("/orders", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_token(admin, path):
    assert admin("GET", path)[0] == 200


def test_a_shop_without_a_token_is_closed(app, client, monkeypatch):
    closed = replace(app.extensions[KEY], settings=replace(SETTINGS, admin_token=""))
    monkeypatch.setitem(app.extensions, KEY, closed)
    assert client.get("/orders", headers={"Authorization": "Bearer "}).status_code == 401


def test_health_is_open(client):
    assert client.get("/health").get_json() == {"status": "ok", "version": shop.__version__}


def test_unknown_path(client):
    response = client.get("/teapots")
    assert response.status_code == 404
    assert response.get_json()["code"] == "not-found"


def test_wrong_method(client):
    assert client.delete("/health").get_json()["code"] == "method-not-allowed"


def test_routes(app):
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/orders/<number>/refunds", "/products/low", "/reports/year-end"} <= rules


def test_application_of_the_settings(monkeypatch):
    monkeypatch.setattr("shop.web.app.SETTINGS", replace(SETTINGS, database_url="sqlite://"))
    app = create_app()
    headers = {"Authorization": f"Bearer {SETTINGS.admin_token}"}
    assert app.test_client().get("/products", headers=headers).get_json() == {"items": []}
    app.extensions[KEY].sessions.kw["bind"].dispose()
