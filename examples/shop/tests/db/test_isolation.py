"""Each test starts with an empty database, whatever the one before it committed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from shop.models import Customer, Order


@pytest.mark.parametrize("turn", [1, 2])
def test_commits_are_rolled_back(session, make_order, turn):
    assert make_order().number == "SO-2024-00001"
    assert session.scalar(select(func.count(Order.id))) == 1


def test_empty(session):
    assert session.scalar(select(func.count(Customer.id))) == 0


def test_sessions_see_each_other(sessions, customer):
    with sessions() as other:
        assert other.get(Customer, customer.id).name == "Anna Berg"
