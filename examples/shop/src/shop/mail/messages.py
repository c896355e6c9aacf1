"""The mails that the shop sends."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from shop.mail.outbox import Outbox
from shop.mail.render import render
from shop.models import Order, Product, Refund
from shop.settings import SETTINGS


def send_confirmation(outbox: Outbox, order: Order) -> None:
    subject, body = render("order_confirmation", order=order, customer=order.customer)
    outbox.send(_message(order.customer.email, subject, body))


def send_refund_notice(outbox: Outbox, refund: Refund) -> None:
    order = refund.order
    subject, body = render("refund_issued", refund=refund, order=order, customer=order.customer)
    outbox.send(_message(order.customer.email, subject, body))


def send_low_stock(outbox: Outbox, products: Sequence[Product], to: str) -> bool:
    """One mail for all products that run low; none is sent where none does."""
    if not products:
        return False
    subject, body = render("low_stock", products=products)
    outbox.send(_message(to, subject, body))
    return True


def _message(to: str, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SETTINGS.mail_sender
    message["To"] = to
    message["Subject"] = subject
    message.set_content(body)
    return message
