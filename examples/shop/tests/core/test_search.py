from __future__ import annotations

import pytest

from shop.search import Index, words_of


@pytest.fixture
def index() -> Index[str]:
    return Index(
        [
            ("earl", "Earl Grey with bergamot"),
            ("pot", "Glass teapot for green teas"),
            ("sencha", "Sencha, a green tea: green leaves"),
        ]
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("green", ["sencha", "pot"]),
        ("GREEN teas", ["sencha", "pot"]),
        ("grey", ["earl"]),
        ("glass grey", []),
        ("berg", ["earl"]),
        ("the", []),
        ("", []),
    ],
)
def test_find(index, query, found):
    assert index.find(query) == found


def test_added_later(index):
    index.add("oolong", "Oolong, half green")
    assert index.find("oolong") == ["oolong"]


def test_words_of():
    assert words_of("The Glass Cups of Köln") == ["glass", "cup", "koeln"]
