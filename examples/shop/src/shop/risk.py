"""A score for orders that a person should look at before they are shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shop.money import Money

REVIEW_FROM = 50


@dataclass(frozen=True)
class OrderFacts:
    total: Money
    pieces: int
    orders_before: int
    email: str
    bill_country: str
    ship_country: str


@dataclass(frozen=True)
class Rule:
    name: str
    points: int
    applies: Callable[[OrderFacts], bool]


THROWAWAY_DOMAINS = frozenset({"mailinator.example", "tenminutes.example"})

RULES = (
    Rule("first order is large", 30, lambda facts: facts.orders_before == 0 and facts.total > Money(40_000)),
    Rule("countries differ", 25, lambda facts: facts.bill_country != facts.ship_country),
    Rule("throwaway address", 40, lambda facts: facts.email.rpartition("@")[2] in THROWAWAY_DOMAINS),
    Rule("many pieces", 15, lambda facts: facts.pieces > 100),
    Rule("regular customer", -30, lambda facts: facts.orders_before >= 5),
)


def findings(facts: OrderFacts) -> list[Rule]:
    return [rule for rule in RULES if rule.applies(facts)]


def score(facts: OrderFacts) -> int:
    """0 and more; from REVIEW_FROM on somebody looks at the order."""
    return max(0, sum(rule.points for rule in findings(facts)))


def needs_review(facts: OrderFacts) -> bool:
    return score(facts) >= REVIEW_FROM
