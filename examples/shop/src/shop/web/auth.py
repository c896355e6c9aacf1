"""Every call of the admin API carries the token of the settings."""

from __future__ import annotations

import hmac

from flask import request

from shop.errors import ShopError
from shop.web.context import services


class Unauthorized(ShopError):
    code = "unauthorized"
    http_status = 401


def require_token() -> None:
    """A shop without a token lets nobody in."""
    expected = services().settings.admin_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    matches = hmac.compare_digest(given.encode(), expected.encode())
    if not expected or scheme.lower() != "bearer" or not matches:
        raise Unauthorized("Expected the header Authorization: Bearer TOKEN.")
