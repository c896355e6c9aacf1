from __future__ import annotations

import pytest

from shop.cli import main


def test_price(capsys):
    assert main(["price", "10.00", "--quantity", "12"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "12 x 10,00 EUR",
        "discount 6,00 EUR",
        "net 114,00 EUR",
        "tax 19 % 21,66 EUR",
        "total 135,66 EUR",
    ]


def test_hint_close_to_a_break(capsys):
    main(["price", "10", "--quantity", "8"])
    assert capsys.readouterr().out.endswith("2 more for 5 % off\n")


@pytest.mark.parametrize(("country", "tax"), [("AT", "tax 10 % 1,00 EUR"), ("CH", "tax 0 % 0,00 EUR")])
def test_country(capsys, country, tax):
    main(["price", "10", "--country", country, "--tax-class", "reduced"])
    assert tax in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["price", "cheap"], ["price", "1", "--country", "XX"], ["price", "1", "--quantity", "0"]]
)
def test_bad_input_is_one_line(capsys, arguments):
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("shop: ")
    assert captured.err.count("\n") == 1


def test_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "usage: shop" in capsys.readouterr().err
