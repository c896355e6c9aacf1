"""Article numbers, document numbers and slugs."""

from __future__ import annotations

import pytest

from shop.errors import InvalidInput
from shop.invoices import DocumentNumber, gaps, next_number
from shop.sku import make_sku, parse_sku
from shop.slugs import slugify, unique_slug


@pytest.mark.parametrize(("group", "number"), [("TEA", 1), ("TEA", 42), ("POT", 9999), ("ZZZ", 0)])
def test_sku_there_and_back(group, number):
    assert parse_sku(make_sku(group, number)) == (group, number)


def test_sku_is_read_in_lower_case():
    assert parse_sku(" tea-0042-2 ") == ("TEA", 42)


@pytest.mark.parametrize("text", ["", "TEA-42-2", "TEA-0042-3", "TEA-0024-2", "TE-0042-2"])
def test_sku_with_a_typing_error(text):
    with pytest.raises(InvalidInput):
        parse_sku(text)


@pytest.mark.parametrize(("group", "number"), [("tea", 1), ("TEAS", 1), ("TEA", 10_000), ("TEA", -1)])
def test_sku_out_of_range(group, number):
    with pytest.raises(InvalidInput):
        make_sku(group, number)


class TestDocumentNumbers:
    def test_there_and_back(self):
        assert str(DocumentNumber.parse("SO-2024-00017")) == "SO-2024-00017"

    @pytest.mark.parametrize(
        ("last", "expected"),
        [
            (None, "SO-2024-00001"),
            ("SO-2024-00009", "SO-2024-00010"),
            ("SO-2023-00412", "SO-2024-00001"),
            ("SO-2024-99999", "SO-2024-100000"),
        ],
    )
    def test_next(self, last, expected):
        assert str(next_number("SO", 2024, last)) == expected

    def test_refuses(self):
        with pytest.raises(InvalidInput):
            DocumentNumber.parse("2024/17")

    def test_gaps(self):
        numbers = ["SO-2024-00002", "SO-2024-00005", "SO-2023-00001"]
        assert gaps(numbers) == ["SO-2024-00001", "SO-2024-00003", "SO-2024-00004"]

    def test_no_gaps(self):
        assert gaps([]) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Earl Grey & Blüten", "earl-grey-and-blueten"),
        ("Thé à la menthe", "the-a-la-menthe"),
        ("  Teapot 1.2 l ", "teapot-1-2-l"),
        ("Straße", "strasse"),
    ],
)
def test_slugify(name, slug):
    assert slugify(name) == slug


def test_slug_is_cut_at_a_word():
    assert slugify("one two three four", limit=10) == "one-two"


def test_unique_slug():
    assert unique_slug("Sencha", {"sencha", "sencha-2"}) == "sencha-3"
