"""Failures that people cause. Each has a code for the API and one sentence for the reader."""

from __future__ import annotations


class ShopError(Exception):
    code = "shop-error"
    http_status = 400


class SettingsError(ShopError):
    code = "bad-setting"


class CurrencyMismatch(ShopError):
    code = "currency-mismatch"


class InvalidInput(ShopError):
    code = "invalid-input"
    http_status = 422


class NotFound(ShopError):
    code = "not-found"
    http_status = 404


class OutOfStock(ShopError):
    code = "out-of-stock"
    http_status = 409

    def __init__(self, sku: str, wanted: int, available: int) -> None:
        super().__init__(f"{sku}: {wanted} wanted, {available} available.")
        self.sku = sku
        self.wanted = wanted
        self.available = available


class IllegalTransition(ShopError):
    code = "illegal-transition"
    http_status = 409


class CouponRejected(ShopError):
    code = "coupon-rejected"


class PaymentDeclined(ShopError):
    code = "payment-declined"
    http_status = 402


class RefundRefused(ShopError):
    code = "refund-refused"
    http_status = 409
