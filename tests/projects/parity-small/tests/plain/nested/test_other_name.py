from shop.orders import LIMIT

try:
    from math import not_there
except ImportError:
    not_there = None


def setup_module(module):
    module.ready = True


def teardown_function(function):
    assert function.__name__.startswith("test")


def test_ready():
    assert ready and not_there is None  # noqa: F821


def test_limit():
    assert LIMIT == 4
