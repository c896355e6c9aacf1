"""The inner conftest: overrides a fixture of the outer one and adds hooks of its own."""

import pytest

TAX = 2


@pytest.fixture
def order(order):
    order.customer = "Grace"
    return order


@pytest.fixture
def tax(request):
    return getattr(request, "param", TAX)


@pytest.fixture
def full(order):
    for name in ("apple", "pear"):
        order.add(name, 2)
    return order


def pytest_generate_tests(metafunc):
    if "fruit" in metafunc.fixturenames:
        metafunc.parametrize("fruit", ["apple", "pear", "melon"])


def pytest_itemcollected(item):
    if item.get_closest_marker("usefixtures"):
        item.user_properties.append(("uses", "fixtures"))
