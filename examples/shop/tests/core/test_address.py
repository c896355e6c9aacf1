from __future__ import annotations

from dataclasses import replace

import pytest

from shop.address import Address
from shop.errors import InvalidInput

HOME = Address("Anna Berg", "Gartenweg 3", "79098", "Freiburg", "DE")


def test_label_at_home():
    assert HOME.label("DE") == "Anna Berg\nGartenweg 3\n79098 Freiburg"


def test_label_abroad_ends_with_the_country():
    assert HOME.label("FR").splitlines()[-1] == "GERMANY"


@pytest.mark.parametrize(
    ("country", "postcode"),
    [
        ("DE", "79098"),
        ("AT", "1010"),
        ("NL", "1012 AB"),
        ("PL", "00-950"),
        ("SE", "114 55"),
        ("IE", "D02 X285"),
    ],
)
def test_good_postcodes(country, postcode):
    replace(HOME, country=country, postcode=postcode).check()


@pytest.mark.parametrize(
    ("country", "postcode"), [("DE", "7909"), ("AT", "79098"), ("NL", "1012"), ("PL", "00950")]
)
def test_bad_postcodes(country, postcode):
    with pytest.raises(InvalidInput, match="no postcode"):
        replace(HOME, country=country, postcode=postcode).check()


@pytest.mark.parametrize("field", ["name", "street", "city"])
def test_empty_field(field):
    with pytest.raises(InvalidInput, match=f"no {field}"):
        replace(HOME, **{field: " "}).check()


def test_unknown_country():
    with pytest.raises(InvalidInput, match="country"):
        replace(HOME, country="XX").check()
