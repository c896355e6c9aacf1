"""Reading requests: JSON bodies, page numbers, states. What does not fit is InvalidInput."""

from __future__ import annotations

from typing import Any

from flask import request

from shop.errors import InvalidInput
from shop.order_states import OrderState
from shop.web.context import services


def json_body(*required: str) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidInput("Expected a JSON object.")
    for name in required:
        if name not in body:
            raise InvalidInput(f"The field {name!r} is missing.")
    return body


def page_and_size() -> tuple[int, int]:
    return _number("page", 1), min(_number("size", services().settings.page_size), 100)


def year_argument(default: int) -> int:
    return _number("year", default)


def state_argument() -> OrderState | None:
    text = request.args.get("state")
    if text is None:
        return None
    try:
        return OrderState(text)
    except ValueError:
        states = ", ".join(state.value for state in OrderState)
        raise InvalidInput(f"Expected state to be one of {states}, got {text!r}.") from None


def quantities(value: object) -> dict[str, int]:
    """Article numbers and pieces, from a JSON object."""
    if not isinstance(value, dict) or not all(type(count) is int for count in value.values()):
        raise InvalidInput('Expected article numbers with quantities, such as {"TEA-0042-2": 2}.')
    return {str(sku): count for sku, count in value.items()}


def _number(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isdigit() or int(text) == 0:
        raise InvalidInput(f"Expected {name} to be a positive integer, got {text!r}.")
    return int(text)
