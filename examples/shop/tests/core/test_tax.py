from __future__ import annotations

import json
from decimal import Decimal

import pytest

from shop.errors import InvalidInput
from shop.money import Money
from shop.tax import (
    RATES,
    RATES_FILE,
    TaxClass,
    is_reverse_charge,
    load_rates,
    net_of,
    rates_of,
    tax_on,
    tax_percent,
)


@pytest.mark.parametrize(
    ("country", "standard", "reduced"),
    [("DE", "19", "7"), ("AT", "20", "10"), ("FR", "20", "5.5"), ("SE", "25", "12")],
)
def test_rates(country, standard, reduced):
    rates = rates_of(country)
    assert rates.percent(TaxClass.STANDARD) == Decimal(standard)
    assert rates.percent(TaxClass.REDUCED) == Decimal(reduced)


@pytest.mark.parametrize("country", sorted(RATES))
def test_every_country_is_plausible(country):
    rates = RATES[country]
    assert 0 < rates.reduced <= rates.standard <= 27
    assert rates.name
    assert rates.percent(TaxClass.ZERO) == 0


def test_unknown_country():
    with pytest.raises(InvalidInput, match="'XX'"):
        rates_of("XX")


def test_the_file_is_sorted():
    countries = list(json.loads(RATES_FILE.read_text(encoding="utf-8")))
    assert countries == sorted(countries)


def test_load_rates_from_another_file(tmp_path):
    file = tmp_path / "rates.json"
    file.write_text('{"LU": {"name": "Luxembourg", "eu": true, "standard": "17", "reduced": "8"}}')
    assert load_rates(file)["LU"].standard == 17


def test_delivery_is_taxed_where_it_goes():
    assert tax_percent("DE", "AT", TaxClass.REDUCED) == 10


def test_export_is_free():
    assert tax_percent("DE", "CH", TaxClass.STANDARD) == 0


def test_reverse_charge_is_free():
    assert tax_percent("DE", "FR", TaxClass.STANDARD, "FR40303265045") == 0


@pytest.mark.parametrize(
    ("country", "vat_id", "expected"),
    [("FR", "FR40303265045", True), ("FR", None, False), ("DE", "DE1", False), ("CH", "CHE1", False)],
)
def test_is_reverse_charge(country, vat_id, expected):
    assert is_reverse_charge("DE", country, vat_id) is expected


@pytest.mark.parametrize(
    ("net", "percent", "tax"), [(1_000, "19", 190), (333, "7", 23), (100, "5.5", 6), (50, "0", 0)]
)
def test_tax_on(net, percent, tax):
    assert tax_on(Money(net), Decimal(percent)) == Money(tax)


@pytest.mark.parametrize("percent", ["7", "19", "5.5"])
def test_net_of_undoes_tax(percent):
    net = Money(12_345)
    assert net_of(net + tax_on(net, Decimal(percent)), Decimal(percent)) == net
