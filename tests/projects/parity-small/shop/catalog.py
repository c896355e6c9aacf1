"""What is for sale; read from a file when this module is imported."""

import json
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data"
PRICES = json.loads((_DATA / "prices.json").read_text())


def price_of(name):
    if name not in PRICES:
        raise LookupError(f"no {name} here")
    return PRICES[name]


def names():
    """Read each time.

    >>> names()[0]
    'apple'
    """
    return (_DATA / "names.txt").read_text().split("\n")[:-1]
