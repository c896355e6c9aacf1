from __future__ import annotations

from dataclasses import replace

import pytest

from shop.money import Money
from shop.risk import OrderFacts, findings, needs_review, score

HARMLESS = OrderFacts(Money(5_000), 3, 1, "anna@example.org", "DE", "DE")


def test_harmless():
    assert findings(HARMLESS) == []
    assert not needs_review(HARMLESS)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"orders_before": 0, "total": Money(40_001)}, 30),
        ({"orders_before": 0}, 0),
        ({"ship_country": "FR"}, 25),
        ({"email": "x@mailinator.example"}, 40),
        ({"pieces": 101}, 15),
        ({"orders_before": 5}, 0),
    ],
)
def test_score(change, points):
    assert score(replace(HARMLESS, **change)) == points


def test_findings_add_up_to_a_review():
    facts = replace(HARMLESS, ship_country="FR", email="x@mailinator.example")
    assert [rule.name for rule in findings(facts)] == ["countries differ", "throwaway address"]
    assert needs_review(facts)


def test_regular_customers_get_some_trust():
    facts = replace(HARMLESS, ship_country="FR", email="x@mailinator.example", orders_before=9)
    assert not needs_review(facts)
