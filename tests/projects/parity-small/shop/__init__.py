"""A shop, small enough to read at a glance."""

from shop.pricing import discount

VERSION = 3
DEFAULT_CURRENCY = "EUR"

__all__ = ["DEFAULT_CURRENCY", "VERSION", "discount"]
