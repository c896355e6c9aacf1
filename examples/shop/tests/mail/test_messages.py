from __future__ import annotations

from email import policy
from email.parser import BytesParser

import pytest

from shop.mail.messages import send_confirmation, send_low_stock, send_refund_notice
from shop.mail.outbox import FolderOutbox, MemoryOutbox
from shop.services.returns import refund_order


@pytest.fixture
def outbox() -> MemoryOutbox:
    return MemoryOutbox()


def test_confirmation(outbox, make_order):
    send_confirmation(outbox, make_order())
    (message,) = outbox.messages
    assert message["To"] == "anna@example.org"
    assert message["Subject"] == "Your order SO-2024-00001"
    assert message.get_content() == (
        "Dear Anna Berg,\n"
        "\n"
        "thank you for your order of 14 March 2024.\n"
        "\n"
        "   2 x Assam Breakfast                       20,00 EUR\n"
        "   1 x Glass Teapot                          35,00 EUR\n"
        "       Shipping                               0,00 EUR\n"
        "       Tax                                    8,05 EUR\n"
        "       Total                                 63,05 EUR\n"
        "\n"
        "Leaf & Pot\n"
    )


def test_confirmation_names_the_coupon(outbox, make_order):
    order = make_order()
    order.coupon_code = "TEN"
    send_confirmation(outbox, order)
    assert "Coupon TEN was taken into account." in outbox.messages[0].get_content()


@pytest.mark.parametrize(("everything", "closed"), [(True, True), (False, False)])
def test_refund_notice(session, outbox, make_order, gateway, clock, everything, closed):
    order = make_order("shipped")
    lines = order.lines if everything else order.lines[:1]
    pieces = {line.sku: line.quantity for line in lines}
    send_refund_notice(outbox, refund_order(session, order, pieces, gateway, clock, reason="too strong"))
    text = outbox.messages[0].get_content()
    assert "are on their way to you (too strong)." in text
    assert ("With this the order is closed." in text) is closed


def test_low_stock(outbox, products, tea):
    assert send_low_stock(outbox, [products[tea.sku]], "buyer@leafandpot.example")
    message = outbox.messages[0]
    assert message["Subject"] == "1 product runs low"
    assert f"{tea.sku}    20 left  Assam Breakfast" in message.get_content()


def test_low_stock_of_nothing(outbox):
    assert not send_low_stock(outbox, [], "buyer@leafandpot.example")
    assert outbox.messages == []


def test_folder(tmp_path, make_order):
    outbox = FolderOutbox(tmp_path / "mails")
    for _ in range(2):
        send_confirmation(outbox, make_order())
    files = sorted(outbox.folder.iterdir())
    assert [file.name for file in files] == ["000001.eml", "000002.eml"]
    message = BytesParser(policy=policy.default).parsebytes(files[1].read_bytes())
    assert message["Subject"] == "Your order SO-2024-00002"
