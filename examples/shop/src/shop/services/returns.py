"""Goods that come back, and the money that goes back for them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from shop.clock import Clock, today
from shop.errors import RefundRefused
from shop.logs import fields, get_logger
from shop.models import Order, OrderLine, Refund, StockMove
from shop.money import total
from shop.order_states import OrderState
from shop.refunds import refund_for
from shop.services.payments import Gateway

log = get_logger("returns")


def refund_order(
    session: Session,
    order: Order,
    pieces: Mapping[str, int],
    gateway: Gateway,
    clock: Clock,
    *,
    reason: str,
    opened: bool = False,
) -> Refund:
    """Takes back pieces by article number; sealed ones return to the shelf."""
    if order.shipped_at is None:
        raise RefundRefused(f"{order.number} was not shipped.")
    if not order.can_be_returned(today(clock)):
        raise RefundRefused(f"{order.number} can no longer be returned.")
    if not pieces:
        raise RefundRefused("Nothing to return was named.")
    days = (today(clock) - order.shipped_at.date()).days
    lines = [(_line(order, sku), count) for sku, count in pieces.items()]
    amount = total(refund_for(line.as_sold(), count, days, opened) for line, count in lines)
    for line, count in lines:
        line.returned += count
        if not opened:
            line.product.stock = line.product.stock.receive(count)
            session.add(StockMove(product=line.product, delta=count, reason="returned", moved_at=clock.now()))
    gateway.refund(amount, order.number)
    refund = Refund(order=order, amount=amount, reason=reason, refunded_at=clock.now())
    session.add(refund)
    if all(line.returned == line.quantity for line in order.lines):
        order.move_to(OrderState.RETURNED)
    session.flush()
    log.info("refunded %s", fields(order=order.number, amount=amount))
    return refund


def _line(order: Order, sku: str) -> OrderLine:
    line = order.line_of(sku)
    if line is None:
        raise RefundRefused(f"{order.number} has no line {sku}.")
    return line
