"""The outer conftest: an option, hooks, and fixtures of all scopes."""

import pytest

from shop.orders import Order

BASE = 7
_events = []


def pytest_addoption(parser):
    parser.addoption("--region", default="north", help="region of the shop under test")


def pytest_configure(config):
    config.addinivalue_line("markers", "region(name): runs in one region only")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if "slow" in item.name:
            item.add_marker(pytest.mark.slow)


def pytest_runtest_setup(item):
    for mark in item.iter_markers("region"):
        if mark.args[0] != item.config.getoption("--region"):
            pytest.skip("other region")


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warehouse")
    (folder / "stock").write_text(str(BASE))
    yield folder
    (folder / "stock").unlink()


@pytest.fixture(scope="module")
def counter():
    return {"count": 0}


@pytest.fixture(scope="class")
def shelf(request):
    return [request.cls.__name__ if request.cls else "none"]


@pytest.fixture
def order():
    return Order("Ada")


@pytest.fixture(params=[1, 2])
def copies(request):
    return request.param


@pytest.fixture(autouse=True)
def events():
    _events.append("start")
    yield _events
    _events.append("end")
