from __future__ import annotations

import pytest

NEW = {"email": "dora@example.org", "name": "Dora Lind", "country": "SE"}


def test_create(admin):
    status, body = admin("POST", "/customers", NEW)
    assert status == 201
    assert admin("GET", f"/customers/{body['id']}") == (200, body)
    assert (body["tier"], body["points"]) == ("leaf", 0)


@pytest.mark.parametrize("change", [{"email": "dora"}, {"country": "XX"}, {"name": ""}])
def test_create_refused(admin, change):
    assert admin("POST", "/customers", {**NEW, **change})[0] == 422


@pytest.mark.parametrize("field", ["email", "name", "country"])
def test_missing_field(admin, field):
    body = {name: value for name, value in NEW.items() if name != field}
    assert admin("POST", "/customers", body)[1]["message"] == f"The field {field!r} is missing."


def test_twice(admin, customer):
    assert admin("POST", "/customers", {**NEW, "email": customer.email})[0] == 422


def test_list(admin, customer):
    _, body = admin("GET", "/customers")
    assert [item["name"] for item in body["items"]] == ["Anna Berg"]


def test_redeem(admin, session, customer):
    customer.earn(500)
    session.commit()
    _, body = admin("POST", f"/customers/{customer.id}/redeem", {"points": 200})
    assert body["value"] == 400
    assert (body["customer"]["points"], body["customer"]["tier"]) == (300, "bud")


def test_redeem_too_much(admin, customer):
    assert admin("POST", f"/customers/{customer.id}/redeem", {"points": 100})[0] == 422


def test_unknown(admin):
    assert admin("GET", "/customers/99")[0] == 404
