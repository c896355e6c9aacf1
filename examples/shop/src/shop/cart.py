"""A cart: articles and their quantities, in the order in which they were put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shop import prices
from shop.errors import InvalidInput, NotFound
from shop.money import Money, total
from shop.tax import TaxClass

MAX_QUANTITY = 200


@dataclass(frozen=True)
class Article:
    """What a cart has to know of a product."""

    sku: str
    name: str
    price: Money
    grams: int = 0
    tax_class: TaxClass = TaxClass.STANDARD


@dataclass(frozen=True)
class CartLine:
    article: Article
    quantity: int

    @property
    def full_price(self) -> Money:
        return self.article.price * self.quantity

    @property
    def discount(self) -> Money:
        return prices.discount(self.article.price, self.quantity)

    @property
    def total(self) -> Money:
        return prices.line_total(self.article.price, self.quantity)


class Cart:
    def __init__(self) -> None:
        self._lines: dict[str, CartLine] = {}

    def __iter__(self) -> Iterator[CartLine]:
        return iter(self._lines.values())

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, article: Article, quantity: int = 1) -> CartLine:
        """Puts pieces in; an article that is there already gets more of them."""
        before = self._lines.get(article.sku)
        line = CartLine(article, _checked(quantity) + (before.quantity if before else 0))
        _checked(line.quantity)
        self._lines[article.sku] = line
        return line

    def change(self, sku: str, quantity: int) -> None:
        """Sets the quantity of an article; 0 takes it out."""
        line = self._line(sku)
        if quantity == 0:
            del self._lines[sku]
        else:
            self._lines[sku] = CartLine(line.article, _checked(quantity))

    def remove(self, sku: str) -> None:
        self.change(sku, 0)

    def merge(self, other: Cart) -> None:
        """Takes over what a visitor had in the cart before logging in."""
        for line in other:
            self.add(line.article, line.quantity)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self)

    @property
    def grams(self) -> int:
        return sum(line.article.grams * line.quantity for line in self)

    @property
    def goods(self) -> Money:
        """The goods after quantity discounts, before coupon, shipping and tax."""
        return total(line.total for line in self)

    def _line(self, sku: str) -> CartLine:
        try:
            return self._lines[sku]
        except KeyError:
            raise NotFound(f"{sku} is not in the cart.") from None


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidInput(f"Expected a quantity of 1 to {MAX_QUANTITY}, got {quantity}.")
    return quantity
