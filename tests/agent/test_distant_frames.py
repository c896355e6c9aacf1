"""Reports of workers on their way between machines: every value keeps its type, and nothing else is taken."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from prewarm._distant_frames import BadFrame, decode_frame, encode_frame

FRAMES: list[tuple[Any, ...]] = [
    ("start", 3, None),
    ("start", 3, ("test_it.py::test_x", ("test_it.py", None, "test_x"))),
    ("finish", 3, ("test_it.py::test_x", ("test_it.py", 7, "test_x"))),
    ("reports", 0, [("setup", 0.5, 1.0, 1.5), ("call", 1, 2.0, 3.0)]),
    ("done", 2**40, 0.0),
    ("warning", ("text", None, ("builtins", "UserWarning"), "a.py", 3, None), "call", "id", None),
    ("stopped", False, "stopping after 1 failures"),
    ("left", True, [("process", "sleep", "test", "", None, False)]),
    ("bye",),
    ("exit", "enough", 9),
    ("lost", "was ended by SIGSEGV", None),
    ("printed", 1, b"bytes \xff\nand more"),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame[0])
def test_a_frame_comes_as_it_was_sent(frame: tuple[Any, ...]) -> None:
    decoded = decode_frame(encode_frame(frame))
    assert decoded == frame
    assert repr(decoded) == repr(frame)


@pytest.mark.parametrize(
    "value",
    [
        {"a": (1, [2, {"b": None}])},
        {1: "number", (2, 3): b"\x00"},
        10**400 % 10**399,
        -math.inf,
        "lone \udce9",
        1.0,
        True,
    ],
    ids=repr,
)
def test_a_value_keeps_its_type(value: Any) -> None:
    report = {"$report_type": "TestReport", "nodeid": "x", "outcome": "failed", "extra": value}
    frame = ("reports", 0, [report])
    assert repr(decode_frame(encode_frame(frame))) == repr(frame)


def test_what_json_cannot_hold_is_its_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    assert decode_frame(encode_frame(("stopped", Odd(), False))) == ("stopped", "odd", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "[1]",
        '["unknown"]',
        '["start"]',
        '["start",-1,null]',
        '["start",true,null]',
        '["done",1,"x"]',
        '["reports",0,[{"t":["setup",1]}]]',
        '["reports",0,[{"d":{"$report_type":"Other"}}]]',
        '["printed",1,"text"]',
        '["printed",3,{"b":""}]',
        '["stopped",{"x":1},null]',
        '["stopped",{"i":1},null]',
        '["stopped",{"b":"?"},null]',
        '["stopped",{"m":[1]},null]',
        json.dumps(["stopped", None]),
        '["stopped",' + "[" * 100 + "]" * 100 + ",null]",
        "[" * 100_000,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadFrame):
        decode_frame(text)
