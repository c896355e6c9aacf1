"""What the daemon may say: checked once, where it arrives, so that nothing behind it has to doubt.

Runs in every Python process that prewarm starts. The TypeScript side is src/protocol/agent-messages.ts; the tests of both
decode the examples in contract/messages.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable

    Check = Callable[[Any], bool]
    Members = Mapping[str, Check]

_TEXT_ALONE = frozenset((str,))
_TEXT_OR_NOTHING = frozenset((str, type(None)))


# The exact type everywhere: to `isinstance` a boolean is a number.
def _text(value: Any) -> bool:
    return type(value) is str


def _flag(value: Any) -> bool:
    return type(value) is bool


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _counts(value: Any) -> bool:
    return type(value) is list and all(map(_count, value))


def _texts(value: Any) -> bool:
    return type(value) is list and _TEXT_ALONE.issuperset(map(type, value))


def _texts_by_name(value: Any) -> bool:
    return type(value) is dict and _TEXT_ALONE.issuperset(map(type, value.values()))


def _module(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) == 2
        and type(value[0]) is str
        and type(value[1]) in _TEXT_OR_NOTHING
    )


def _modules(value: Any) -> bool:
    return type(value) is list and all(map(_module, value))


def _fits(value: Any, members: Members) -> bool:
    return (
        type(value) is dict
        and value.keys() >= members.keys()
        and all(check(value[name]) for name, check in members.items())
    )


_CUTS: Members = {"files": _texts, "conftests": _flag, "firstModule": _flag, "firstTest": _flag}
_AHEAD: Members = {"modules": _modules, "never": _texts}
_CHOICE: Members = {
    "ids": lambda value: value is None or _texts(value),
    "path": _text,
    "name": _text,
}
_WORKERS: Members = {"count": _text, "dist": _text}
_RUN: Members = {
    "type": lambda value: value == "run",
    "id": _text,
    "args": _texts,
    "env": _texts_by_name,
    "umask": _count,
    "requesterPid": _count,
    "terminals": _texts_by_name,
    "choice": lambda value: _fits(value, _CHOICE),
    "native": _flag,
    "isHeld": _flag,
    "isWatched": _flag,
    "workers": lambda value: _fits(value, _WORKERS),
}
_RESUME: Members = {
    "id": _text,
    "cuts": lambda value: _fits(value, _CUTS),
    "edited": _texts,
    "env": _texts_by_name,
    "args": lambda value: value is None or _texts(value),
    "leads": _flag,
}

#: The members that each order has to have. Others are let through, as the schema of the other side does.
ORDERS: Mapping[str, Members] = {
    "start": {
        "args": _texts,
        "script": _text,
        "isModule": _flag,
        "umask": _count,
        "stateFolder": _text,
        "cuts": lambda value: _fits(value, _CUTS),
        "edited": _texts,
        "ahead": lambda value: _fits(value, _AHEAD),
        "workarounds": _texts,
        "plain": lambda value: value is None or _fits(value, _RUN),
    },
    "resume": _RESUME,
    "grow": _RESUME,
    "run": _RUN,
    "go": {},
    "patch": {"id": _text, "files": _texts, "leads": _flag},
    "ready": {"id": _text, "args": _texts},
    "debug": {},
    "spare": {"id": _text, "args": _texts},
    "select": {"places": lambda value: value is None or _counts(value)},
    "read": {"ask": _count, "paths": _texts},
    "workers": {"names": _texts, "count": _count},
    "assign": {"worker": _text, "places": _counts, "isLast": _flag},
    "warm": {"value": lambda value: value is None or _text(value)},
    "stop": {"reason": _text},
    "relayed": {"worker": _text, "text": _text, "isLast": _flag},
    "gone": {"worker": _text, "how": _text},
    "repeated": {"places": _counts},
    "end-workers": {"how": lambda value: value in ("stop", "interrupt")},
    "over": {},
    "reap": {"pid": _count},
    "welcome": {},
    "exit": {},
}


def is_order(message: Mapping[str, Any]) -> bool:
    """Whether a message is an order that this version knows, whole and with every member of its type."""
    members = ORDERS.get(message["type"])
    return members is not None and _fits(message, members)
