"""Postal addresses and their checks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shop.errors import InvalidInput
from shop.tax import rates_of

POSTCODES = {
    "AT": r"\d{4}",
    "BE": r"\d{4}",
    "CH": r"\d{4}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "ES": r"\d{5}",
    "FR": r"\d{5}",
    "IT": r"\d{5}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "SE": r"\d{3} ?\d{2}",
}


@dataclass(frozen=True)
class Address:
    name: str
    street: str
    postcode: str
    city: str
    country: str

    def check(self) -> None:
        """Raises InvalidInput for the first thing that a carrier would refuse."""
        for field in ("name", "street", "city"):
            if not getattr(self, field).strip():
                raise InvalidInput(f"The address has no {field}.")
        country = rates_of(self.country)
        pattern = POSTCODES.get(country.code)
        if pattern is not None and not re.fullmatch(pattern, self.postcode):
            raise InvalidInput(f"{self.postcode!r} is no postcode of {country.name}.")

    def label(self, home: str) -> str:
        """The lines of a parcel label; the country is left out at home."""
        lines = [self.name, self.street, f"{self.postcode} {self.city}"]
        if self.country != home:
            lines.append(rates_of(self.country).name.upper())
        return "\n".join(lines)
