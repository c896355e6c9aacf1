"""Value added tax by country and tax class. The rates are data: data/tax_rates.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path

from shop.errors import InvalidInput
from shop.money import Money

RATES_FILE = Path(__file__).parent / "data" / "tax_rates.json"


class TaxClass(str, Enum):
    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


@dataclass(frozen=True)
class CountryRates:
    code: str
    name: str
    eu: bool
    standard: Decimal
    reduced: Decimal

    def percent(self, tax_class: TaxClass) -> Decimal:
        if tax_class is TaxClass.ZERO:
            return Decimal(0)
        return self.reduced if tax_class is TaxClass.REDUCED else self.standard


def load_rates(path: Path = RATES_FILE) -> dict[str, CountryRates]:
    """Reads the rates in percent, by country code."""
    with path.open(encoding="utf-8") as file:
        countries = json.load(file)
    return {
        code: CountryRates(
            code=code,
            name=entry["name"],
            eu=entry["eu"],
            standard=Decimal(entry["standard"]),
            reduced=Decimal(entry["reduced"]),
        )
        for code, entry in countries.items()
    }


RATES = load_rates()


def rates_of(country: str) -> CountryRates:
    try:
        return RATES[country]
    except KeyError:
        raise InvalidInput(f"No tax rates for country {country!r}.") from None


def is_reverse_charge(home: str, country: str, vat_id: str | None) -> bool:
    """A business in another member state accounts for the tax itself."""
    return bool(vat_id) and country != home and rates_of(country).eu and rates_of(home).eu


def tax_percent(home: str, country: str, tax_class: TaxClass, vat_id: str | None = None) -> Decimal:
    """The rate in percent for a delivery; exports and reverse charge are free of tax."""
    if is_reverse_charge(home, country, vat_id):
        return Decimal(0)
    if rates_of(home).eu and not rates_of(country).eu:
        return Decimal(0)
    return rates_of(country).percent(tax_class)


def tax_on(net: Money, percent: Decimal) -> Money:
    return net.percent(percent)


def net_of(gross: Money, percent: Decimal) -> Money:
    """The part of a gross amount that is not tax, rounded to whole cents."""
    return gross.scaled(Decimal(100) / (Decimal(100) + percent))
