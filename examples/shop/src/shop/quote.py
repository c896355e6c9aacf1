"""Everything that a cart costs: goods, coupon, shipping and tax, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shop.cart import Cart, CartLine
from shop.coupons import Coupon
from shop.errors import InvalidInput
from shop.money import ZERO, Money, total
from shop.shipping import shipping_cost
from shop.tax import TaxClass, tax_on, tax_percent


@dataclass(frozen=True)
class QuotedLine:
    line: CartLine
    coupon_share: Money
    tax_percent: Decimal

    @property
    def net(self) -> Money:
        return self.line.total - self.coupon_share

    @property
    def discount(self) -> Money:
        return self.line.discount + self.coupon_share

    @property
    def tax(self) -> Money:
        return tax_on(self.net, self.tax_percent)


@dataclass(frozen=True)
class Quote:
    lines: tuple[QuotedLine, ...]
    shipping: Money
    shipping_tax: Money

    @property
    def goods(self) -> Money:
        return total(line.net for line in self.lines)

    @property
    def discount(self) -> Money:
        return total(line.discount for line in self.lines)

    @property
    def tax(self) -> Money:
        return total(line.tax for line in self.lines) + self.shipping_tax

    @property
    def total(self) -> Money:
        return self.goods + self.shipping + self.tax


def quote(
    cart: Cart,
    *,
    country: str,
    home: str,
    on: date,
    coupon: Coupon | None = None,
    vat_id: str | None = None,
) -> Quote:
    """Prices a cart for a delivery to `country`; raises when the coupon does not hold."""
    if len(cart) == 0:
        raise InvalidInput("The cart is empty.")
    shares = _coupon_shares(cart, coupon, on)
    lines = tuple(
        QuotedLine(line, share, tax_percent(home, country, line.article.tax_class, vat_id))
        for line, share in zip(cart, shares)
    )
    goods = total(line.net for line in lines)
    shipping = shipping_cost(cart.grams, goods, country, home)
    shipping_percent = tax_percent(home, country, TaxClass.STANDARD, vat_id)
    return Quote(lines, shipping, tax_on(shipping, shipping_percent))


def _coupon_shares(cart: Cart, coupon: Coupon | None, on: date) -> list[Money]:
    if coupon is None or not cart.goods:
        return [ZERO] * len(cart)
    coupon.check(cart.goods, on)
    return coupon.value(cart.goods).allocate([line.total.cents for line in cart])
