"""What the workers of a node report, on its way to the leader at home: JSON that keeps the types of Python, checked before use.

Runs in the leader of a node, which writes it, and in the leader at home, which reads it. Between two forks of one process such
frames are `marshal` (`_relay.py`); between machines they are text, since whatever reads `marshal` or `pickle` trusts who wrote it.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

#: Values nest no deeper: pytest's own reports have some twelve levels.
_MOST_LEVELS = 60

#: Integers beyond it are written as text: JSON's are read with all their digits in Python alone.
_LARGEST = 2**53

_to_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
_from_json = json.JSONDecoder().decode

Frame = tuple[Any, ...]


class BadFrame(ValueError):
    """A text that is no report of a worker."""


def encode_frame(frame: Frame) -> str:
    """The text of a frame of built-in values."""
    return _to_json([_pack(each) for each in frame])


def decode_frame(text: str) -> Frame:
    """The frame of a text; raises BadFrame for what this version does not know."""
    try:
        packed = _from_json(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"Expected JSON of a report: {error}") from None
    if type(packed) is not list or not packed:
        raise BadFrame("Expected a list of values in a report.")
    frame = tuple(_unpack(each, 0) for each in packed)
    check = _SHAPES.get(frame[0]) if type(frame[0]) is str else None
    if check is None or not check(frame[1:]):
        raise BadFrame(f"Expected a report of a worker, got {frame[0]!r:.40}.")
    return frame


def _pack(value: Any) -> Any:
    """Lists and texts stand for themselves; everything that JSON would change has its kind in front."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -_LARGEST < value < _LARGEST else {"i": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"f": repr(value)}
    if kind is list:
        return [_pack(each) for each in value]
    if kind is tuple:
        return {"t": [_pack(each) for each in value]}
    if kind is dict:
        if all(type(key) is str for key in value):
            return {"d": {key: _pack(each) for key, each in value.items()}}
        return {"m": [[_pack(key), _pack(each)] for key, each in value.items()]}
    if kind in (bytes, bytearray):
        return {"b": base64.b64encode(value).decode("ascii")}
    if kind in (set, frozenset):
        return {"t": [_pack(each) for each in value]}
    # As `marshal` between a worker and its leader has it: what has no form of its own is its text.
    return str(value)


def _unpack(value: Any, level: int) -> Any:
    if level > _MOST_LEVELS:
        raise BadFrame("Expected a report of fewer levels.")
    if type(value) is list:
        return [_unpack(each, level + 1) for each in value]
    if type(value) is not dict:
        return value
    if len(value) != 1:
        raise BadFrame("Expected one kind of a value in a report.")
    [(kind, inner)] = value.items()
    read = _KINDS.get(kind)
    if read is None:
        raise BadFrame(f"Expected a kind of value that is known, got {kind!r:.20}.")
    try:
        return read(inner, level + 1)
    except (TypeError, ValueError) as error:
        raise BadFrame(f"Expected a value of the kind {kind!r}: {error}") from None


def _tuple(inner: Any, level: int) -> Any:
    return tuple(_unpack(each, level) for each in _exactly(list, inner))


def _object(inner: Any, level: int) -> Any:
    return {key: _unpack(each, level) for key, each in _exactly(dict, inner).items()}


def _mapping(inner: Any, level: int) -> Any:
    return {_unpack(key, level): _unpack(each, level) for key, each in _exactly(list, inner)}


def _exactly(kind: type, inner: Any) -> Any:
    if type(inner) is not kind:
        raise ValueError(f"expected {kind.__name__}, got {type(inner).__name__}")
    return inner


_KINDS: Mapping[str, Callable[[Any, int], Any]] = {
    "t": _tuple,
    "d": _object,
    "m": _mapping,
    "i": lambda inner, _: int(_exactly(str, inner)[:400]),
    "f": lambda inner, _: float(_exactly(str, inner)),
    "b": lambda inner, _: base64.b64decode(_exactly(str, inner), validate=True),
}


def _place(value: Any) -> bool:
    return type(value) is int and value >= 0


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _text(value: Any) -> bool:
    return type(value) is str


def _named(value: Any) -> bool:
    """The node id and location of a test that has others than its item."""
    return value is None or (
        type(value) is tuple and len(value) == 2 and _text(value[0]) and _location(value[1])
    )


def _location(value: Any) -> bool:
    return (
        type(value) in (tuple, list)
        and len(value) == 3
        and _text(value[0])
        and (value[1] is None or type(value[1]) is int)
        and _text(value[2])
    )


def _reports(value: Any) -> bool:
    return type(value) is list and all(map(_report, value))


def _report(value: Any) -> bool:
    if type(value) is tuple:
        return len(value) == 4 and _text(value[0]) and all(map(_number, value[1:]))
    return (
        type(value) is dict
        and value.get("$report_type") in ("TestReport", "CollectReport")
        and _text(value.get("nodeid"))
        and _text(value.get("outcome"))
    ) or (type(value) is dict and "$report_type" not in value)


def _class_name(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and all(map(_text, value))


def _warning(value: Any) -> bool:
    return (
        type(value) is tuple
        and len(value) == 6
        and _text(value[0])
        and (value[1] is None or _class_name(value[1]))
        and _class_name(value[2])
        and _text(value[3])
        and type(value[4]) is int
    )


def _measured(value: Any) -> bool:
    return type(value) is list and all(
        type(each) is tuple
        and len(each) == 3
        and _text(each[0])
        and _text(each[1])
        and type(each[2]) is list
        and all(type(number) is int for number in each[2])
        for each in value
    )


def _texts_by_name(value: Any) -> bool:
    return type(value) is dict and all(map(_text, value.values()))


#: What may follow each name: the frames of `_worker.py`, and `lost`, `told` and `printed` of the leader of a node.
_SHAPES: Mapping[str, Callable[[Frame], bool]] = {
    "start": lambda rest: len(rest) == 2 and _place(rest[0]) and _named(rest[1]),
    "reports": lambda rest: len(rest) == 2 and _place(rest[0]) and _reports(rest[1]),
    "finish": lambda rest: len(rest) == 2 and _place(rest[0]) and _named(rest[1]),
    "measured": lambda rest: len(rest) == 2 and _place(rest[0]),
    "done": lambda rest: len(rest) == 2 and _place(rest[0]) and _number(rest[1]),
    "warning": lambda rest: len(rest) == 4 and _warning(rest[0]) and all(map(_text, rest[1:3])),
    "stopped": lambda rest: len(rest) == 2,
    "left": lambda rest: len(rest) == 2 and type(rest[0]) is bool and type(rest[1]) is list,
    "bye": lambda rest: not rest,
    "interrupted": lambda rest: not rest,
    "exit": lambda rest: len(rest) == 2,
    "internal": lambda rest: len(rest) == 1 and _text(rest[0]),
    "lost": lambda rest: len(rest) == 2 and _text(rest[0]) and (rest[1] is None or _place(rest[1])),
    "torn": lambda rest: len(rest) == 2 and _place(rest[0]) and _text(rest[1]),
    "coverage": lambda rest: (
        len(rest) == 3 and type(rest[0]) is bool and _measured(rest[1]) and _texts_by_name(rest[2])
    ),
    "printed": lambda rest: len(rest) == 2 and rest[0] in (1, 2) and type(rest[1]) is bytes,
}
