"""From a cart to a paid order."""

from __future__ import annotations

from typing import Optional

from sqlalchemy.orm import Session

from shop.cart import Cart
from shop.clock import Clock, today
from shop.coupons import Coupon
from shop.logs import fields, get_logger
from shop.loyalty import points_for
from shop.models import Customer, Order, OrderLine, Payment, Product
from shop.order_states import OrderState
from shop.queries.customers import order_count
from shop.queries.orders import next_order_number
from shop.queries.products import products_by_sku
from shop.quote import Quote, quote
from shop.risk import OrderFacts, findings, needs_review
from shop.services.payments import Gateway
from shop.settings import SETTINGS

log = get_logger("checkout")


def place_order(
    session: Session,
    customer: Customer,
    cart: Cart,
    clock: Clock,
    *,
    coupon: Optional[Coupon] = None,
    country: Optional[str] = None,
) -> Order:
    """Reserves the stock and writes the order down as placed; raises before anything is changed."""
    destination = country or customer.country
    priced = quote(
        cart,
        country=destination,
        home=SETTINGS.home_country,
        on=today(clock),
        coupon=coupon,
        vat_id=customer.vat_id,
    )
    products = products_by_sku(session, [line.article.sku for line in cart])
    reserved = {line.article.sku: products[line.article.sku].stock.reserve(line.quantity) for line in cart}
    for sku, level in reserved.items():
        products[sku].stock = level
    _warn_of_risk(session, customer, cart, priced, destination)
    order = Order(
        number=next_order_number(session, today(clock).year),
        customer=customer,
        state=OrderState.PLACED,
        placed_at=clock.now(),
        country=destination,
        coupon_code=coupon.code if coupon else None,
        shipping=priced.shipping,
        shipping_tax=priced.shipping_tax,
        lines=_order_lines(priced, products),
    )
    session.add(order)
    session.flush()
    log.info("placed %s", fields(order=order.number, total=order.total))
    return order


def pay(session: Session, order: Order, gateway: Gateway, clock: Clock) -> Payment:
    """Charges the whole order and credits points; a declined payment leaves it placed."""
    reference = gateway.charge(order.total, order.number)
    payment = Payment(order=order, amount=order.total, reference=reference, captured_at=clock.now())
    session.add(payment)
    order.move_to(OrderState.PAID)
    order.customer.earn(points_for(order.goods, order.customer.tier))
    session.flush()
    log.info("paid %s", fields(order=order.number, reference=reference))
    return payment


def cancel(session: Session, order: Order) -> None:
    """Gives the reserved pieces free again; money that was paid goes back through a refund."""
    order.move_to(OrderState.CANCELLED)
    for line in order.lines:
        line.product.stock = line.product.stock.release(line.quantity)
    session.flush()
    log.info("cancelled %s", fields(order=order.number))


def _order_lines(priced: Quote, products: dict[str, Product]) -> list[OrderLine]:
    return [
        OrderLine(
            product=products[quoted.line.article.sku],
            sku=quoted.line.article.sku,
            name=quoted.line.article.name,
            quantity=quoted.line.quantity,
            returned=0,
            unit_price=quoted.line.article.price,
            discount=quoted.discount,
            tax_percent=quoted.tax_percent,
            tax=quoted.tax,
        )
        for quoted in priced.lines
    ]


def _warn_of_risk(session: Session, customer: Customer, cart: Cart, priced: Quote, country: str) -> None:
    facts = OrderFacts(
        total=priced.total,
        pieces=cart.pieces,
        orders_before=order_count(session, customer),
        email=customer.email,
        bill_country=customer.country,
        ship_country=country,
    )
    if needs_review(facts):
        reasons = ", ".join(rule.name for rule in findings(facts))
        log.warning("review %s", fields(customer=customer.email, reasons=reasons))
