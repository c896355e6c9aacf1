"""Article numbers such as TEA-0042-2: a group, a number and a check digit."""

from __future__ import annotations

import re

from shop.errors import InvalidInput

_PATTERN = re.compile(r"([A-Z]{3})-(\d{4})-(\d)")


def check_digit(group: str, number: int) -> int:
    """Weights 3 and 1 from the right, as an EAN has them; letters count by their place in the alphabet."""
    digits = [ord(letter) - ord("A") + 1 for letter in group] + [int(digit) for digit in f"{number:04d}"]
    weighted = sum(value * (3 if place % 2 == 0 else 1) for place, value in enumerate(reversed(digits)))
    return -weighted % 10


def make_sku(group: str, number: int) -> str:
    if not re.fullmatch(r"[A-Z]{3}", group) or not 0 <= number <= 9999:
        raise InvalidInput(f"Expected three capitals and 0 to 9999, got {group!r} and {number}.")
    return f"{group}-{number:04d}-{check_digit(group, number)}"


def parse_sku(text: str) -> tuple[str, int]:
    """Group and number; refuses a wrong form or a wrong check digit."""
    match = _PATTERN.fullmatch(text.strip().upper())
    if match is None:
        raise InvalidInput(f"Expected an article number such as TEA-0042-2, got {text!r}.")
    group, number = match[1], int(match[2])
    if check_digit(group, number) != int(match[3]):
        raise InvalidInput(f"The check digit of {text!r} is wrong: a typing error?")
    return group, number
