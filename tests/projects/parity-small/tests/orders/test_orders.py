import pytest

from shop import orders
from shop.orders import Order


def test_customer(order):
    assert order.customer == "Grace"


def test_total(full):
    assert full.total() == 13


def test_copies(order, copies):
    assert order.add("apple", copies).total() == 3 * copies


def test_fruit(order, fruit):
    assert order.add(fruit).total() > 2


@pytest.mark.parametrize("tax", [1, 3], indirect=True)
def test_indirect_tax(full, tax):
    assert full.total() + tax in (14, 16)


def test_default_tax(tax):
    assert tax == 2


@pytest.mark.usefixtures("full")
class TestUsed:
    def test_journal(self):
        assert orders.journal()[-1] == ("Grace", "pear")

    def test_shelf(self, shelf):
        shelf.append("box")
        assert shelf == ["TestUsed", "box"]

    def test_shelf_again(self, shelf):
        assert shelf == ["TestUsed", "box"]


@pytest.mark.region("south")
def test_other_region():
    assert Order("Linus").total() == 1


@pytest.mark.region("north")
def test_this_region(monkeypatch):
    monkeypatch.setattr(orders, "LIMIT", 0)
    with pytest.raises(OverflowError):
        Order("Linus").add("apple")
