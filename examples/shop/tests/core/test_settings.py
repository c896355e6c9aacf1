from __future__ import annotations

import os

import pytest

from shop.errors import SettingsError
from shop.settings import SETTINGS, Settings, from_environ


def test_defaults():
    assert from_environ({}) == Settings()


def test_the_tests_run_with_their_own():
    assert SETTINGS.is_test


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("SHOP_ENV", "staging", "environment", "staging"),
        ("SHOP_HOME_COUNTRY", "at", "home_country", "AT"),
        ("SHOP_PAGE_SIZE", "50", "page_size", 50),
        ("SHOP_PAGE_SIZE", "", "page_size", 20),
    ],
)
def test_variable(monkeypatch, name, value, field, expected):
    monkeypatch.setenv(name, value)
    assert getattr(from_environ(os.environ), field) == expected


@pytest.mark.parametrize("value", ["0", "-1", "ten", "1.5"])
def test_page_size_refuses(value):
    with pytest.raises(SettingsError, match="SHOP_PAGE_SIZE"):
        from_environ({"SHOP_PAGE_SIZE": value})


@pytest.mark.skipif(os.name != "nt", reason="only Windows has variables without case")
def test_names_without_case(monkeypatch):
    monkeypatch.setenv("shop_env", "staging")
    assert from_environ(os.environ).environment == "staging"
