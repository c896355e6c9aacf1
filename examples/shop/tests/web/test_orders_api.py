from __future__ import annotations

import pytest

TEA, POT = "TEA-0001-9", "POT-0001-4"


@pytest.fixture
def order(make_order):
    return make_order("shipped")


class TestCreate:
    def test_by_telephone(self, admin, customer, products, outbox):
        status, body = admin("POST", "/orders", {"customer": customer.id, "items": {TEA: 2, POT: 1}})
        assert status == 201
        assert (body["number"], body["state"], body["total"]) == ("SO-2024-00001", "paid", 6_305)
        assert [message["Subject"] for message in outbox.messages] == ["Your order SO-2024-00001"]

    def test_it_is_there_afterwards(self, admin, customer, products):
        _, created = admin("POST", "/orders", {"customer": customer.id, "items": {POT: 1}})
        assert admin("GET", f"/orders/{created['number']}") == (200, created)

    @pytest.mark.parametrize(
        ("items", "status", "code"),
        [
            ({TEA: 21}, 409, "out-of-stock"),
            ({"CUP-0001-9": 1}, 404, "not-found"),
            ({TEA: 0}, 422, "invalid-input"),
            ({TEA: "2"}, 422, "invalid-input"),
            ({}, 422, "invalid-input"),
            ([TEA], 422, "invalid-input"),
        ],
    )
    def test_refused(self, admin, customer, products, outbox, items, status, code):
        answer = admin("POST", "/orders", {"customer": customer.id, "items": items})
        assert (answer[0], answer[1]["code"]) == (status, code)
        assert outbox.messages == []

    def test_declined_payment_leaves_nothing(self, admin, customer, products, gateway, session):
        gateway.limit -= gateway.limit
        answer = admin("POST", "/orders", {"customer": customer.id, "items": {POT: 1}})
        assert (answer[0], answer[1]["code"]) == (402, "payment-declined")
        session.expire_all()
        assert products[POT].reserved == 0
        assert admin("GET", "/orders")[1]["count"] == 0

    @pytest.mark.parametrize("body", [None, [], {"items": {}}, {"customer": 1}])
    def test_bad_body(self, admin, body):
        assert admin("POST", "/orders", body)[0] == 422


class TestList:
    def test_empty(self, admin):
        assert admin("GET", "/orders") == (200, {"items": [], "count": 0, "page": 1, "pages": 1})

    def test_pages(self, admin, make_order):
        for _ in range(3):
            make_order()
        _, body = admin("GET", "/orders?size=2&page=2")
        assert [item["number"] for item in body["items"]] == ["SO-2024-00001"]
        assert (body["count"], body["pages"]) == (3, 2)

    @pytest.mark.parametrize(("state", "count"), [("shipped", 1), ("placed", 0)])
    def test_by_state(self, admin, order, state, count):
        assert admin("GET", f"/orders?state={state}")[1]["count"] == count

    @pytest.mark.parametrize("query", ["state=lost", "page=0", "page=two", "size=-1"])
    def test_bad_query(self, admin, query):
        assert admin("GET", f"/orders?{query}")[1]["code"] == "invalid-input"


class TestSteps:
    def test_ship(self, admin, make_order):
        number = make_order("paid").number
        assert admin("POST", f"/orders/{number}/ship")[1]["state"] == "shipped"

    def test_ship_twice(self, admin, order):
        assert admin("POST", f"/orders/{order.number}/ship")[0] == 409

    def test_cancel(self, admin, make_order):
        number = make_order().number
        assert admin("POST", f"/orders/{number}/cancel")[1]["state"] == "cancelled"

    def test_unknown(self, admin):
        assert admin("POST", "/orders/SO-2024-00099/ship")[0] == 404


class TestRefund:
    def test_refund(self, admin, order, outbox):
        body = {"items": {TEA: 1}, "reason": "too strong"}
        status, answer = admin("POST", f"/orders/{order.number}/refunds", body)
        assert (status, answer["amount"]) == (201, 1_070)
        assert answer["order"]["refunded"] == 1_070
        assert len(outbox.messages) == 1

    def test_opened(self, admin, order):
        body = {"items": {TEA: 1}, "reason": "too strong", "opened": True}
        assert admin("POST", f"/orders/{order.number}/refunds", body)[1]["amount"] == 856

    def test_too_late(self, admin, order, clock):
        clock.advance(days=40)
        body = {"items": {TEA: 1}, "reason": "too strong"}
        assert admin("POST", f"/orders/{order.number}/refunds", body)[1]["code"] == "refund-refused"

    def test_no_reason(self, admin, order):
        _, answer = admin("POST", f"/orders/{order.number}/refunds", {"items": {TEA: 1}})
        assert answer["message"] == "The field 'reason' is missing."
