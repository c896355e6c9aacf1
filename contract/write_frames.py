"""Writes contract/frames/*.json, the golden frames that the tests of both languages decode.

Run by hand after a change of the wire: `python contract/write_frames.py`. It builds the bytes itself,
so that neither implementation vouches for its own mistakes. Each case is a stream of bytes as hex,
the messages that it starts with, and the code of the failure that ends it, or null.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "frames"

Case = dict[str, Any]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for theme, cases in golden_files().items():
        (FOLDER / theme).write_text(render(cases), encoding="ascii")


def golden_files() -> dict[str, list[Case]]:
    """The cases by file name."""
    return {
        "text.json": text_cases(),
        "values.json": value_cases(),
        "nesting.json": nesting_cases(),
        "refused.json": refused_cases(),
        "streams.json": stream_cases(),
    }


def render(cases: list[Case]) -> str:
    """The text of a file: one case a line, so that a change shows as one."""
    lines = (json.dumps(one, ensure_ascii=True, separators=(", ", ": ")) for one in cases)
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def case(name: str, stream: bytes, *messages: object, error: str | None = None) -> Case:
    return {"name": name, "hex": stream.hex(), "messages": list(messages), "error": error}


def accepted(name: str, body: str | bytes, message: object) -> Case:
    return case(name, frame(body.encode() if isinstance(body, str) else body), message)


def refused(name: str, body: str | bytes, error: str) -> Case:
    stream = frame(body.encode() if isinstance(body, str) else body)
    return case(name, stream + frame(b'{"type":"never-seen"}'), error=error)


def text_cases() -> list[Case]:
    def value(name: str, body: str, text: str) -> Case:
        return accepted(name, '{"type":"t","value":"' + body + '"}', {"type": "t", "value": text})

    return [
        value("plain", "tests/test_a.py::test_b[x-1]", "tests/test_a.py::test_b[x-1]"),
        value(
            "raw UTF-8", "na\u00efve \u65e5\u672c \U0001f40d", "na\u00efve \u65e5\u672c \U0001f40d"
        ),
        value(
            "escaped",
            r"na\u00efve \ud83d\udc0d \"\\\/\b\f\n\r\t",
            'na\u00efve \U0001f40d "\\/\b\f\n\r\t',
        ),
        value("undecodable byte of a path", r"caf\udce9.py", "caf\udce9.py"),
        value("lone high surrogate", r"\ud83d", "\ud83d"),
        value("surrogates in the wrong order", r"\udc0d\ud83d", "\udc0d\ud83d"),
        value("nothing", "", ""),
        value("null character", r"\u0000", "\0"),
        value("delete and line separators", "\x7f\u2028\u2029", "\x7f\u2028\u2029"),
        value("byte order mark inside", "\ufeff", "\ufeff"),
        value("brackets in text", "[" * 70 + r"\"" + "{" * 70, "[" * 70 + '"' + "{" * 70),
        value("text that ends in backslashes", r"\\\\", "\\\\"),
        value("huge number in text", "1e999", "1e999"),
        accepted("text as key", r'{"type":"t","\udc80\"[":1}', {"type": "t", '\udc80"[': 1}),
        accepted("type outside ASCII", '{"type":"\u00e9"}', {"type": "\u00e9"}),
    ]


def value_cases() -> list[Case]:
    def value(name: str, body: str, parsed: object) -> Case:
        return accepted(name, '{"type":"v","value":' + body + "}", {"type": "v", "value": parsed})

    return [
        value("literals", "[true,false,null]", [True, False, None]),
        value("whole numbers", "[0,-1,9007199254740991]", [0, -1, 9007199254740991]),
        value("fractions", "[0.25,-1.5,1e3,2E-2]", [0.25, -1.5, 1000, 0.02]),
        value("largest double", "1.7976931348623157e308", 1.7976931348623157e308),
        value("too small to tell from zero", "1e-999", 0),
        value("empty containers", "[[],{},[[]]]", [[], {}, [[]]]),
        value("spaces", " \t\r\n[ 1 , 2 ]\n", [1, 2]),
        accepted("only a type", '{"type":"v"}', {"type": "v"}),
        accepted("empty type", '{"type":""}', {"type": ""}),
        accepted("spaces around", ' {"type":"v"}\r\n', {"type": "v"}),
        accepted("the last of two equal keys counts", '{"type":1,"type":"b"}', {"type": "b"}),
        accepted(
            "key of a prototype",
            '{"type":"v","__proto__":{"a":1}}',
            {"type": "v", "__proto__": {"a": 1}},
        ),
    ]


def nested(levels: int) -> str:
    """A message of so many levels, the object itself included."""
    return '{"type":"n","value":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


def nesting_cases() -> list[Case]:
    deepest: list[object] = []
    for _ in range(62):
        deepest = [deepest]
    wide = '{"type":"n","value":[' + ",".join(["{}"] * 200) + "]}"
    return [
        accepted("64 levels", nested(64), {"type": "n", "value": deepest}),
        accepted("many side by side", wide, {"type": "n", "value": [{}] * 200}),
        accepted(
            "64 levels beside another",
            nested(64)[:-1] + ',"beside":[]}',
            {"type": "n", "value": deepest, "beside": []},
        ),
        accepted(
            "brackets in text after a backslash in text",
            r'{"type":"n","value":["\\","' + "[" * 70 + '"]}',
            {"type": "n", "value": ["\\", "[" * 70]},
        ),
        refused("65 levels", nested(65), "too-deep"),
        refused("65 levels of objects", '{"type":' * 65 + '""' + "}" * 65, "too-deep"),
        refused(
            "65 levels after text with a quote", nested(65).replace('"n"', r'"\\\""'), "too-deep"
        ),
        refused("never closed", "[" * 1000, "too-deep"),
    ]


def refused_cases() -> list[Case]:
    bodies = {
        "not-json": {
            "empty body": "",
            "spaces only": "  ",
            "a word": "hello",
            "not a number": '{"type":"a","value":NaN}',
            "infinity": '{"type":"a","value":Infinity}',
            "minus infinity": '{"type":"a","value":-Infinity}',
            "number that overflows": '{"type":"a","value":1e999}',
            "negative number that overflows": '{"type":"a","value":-1.8e308}',
            "integer that overflows": '{"type":"a","value":' + "9" * 309 + "}",
            "integer beyond the digits that Python reads": '{"type":"a","value":'
            + "1" * 5000
            + "}",
            "leading zero": '{"type":"a","value":01}',
            "leading plus": '{"type":"a","value":+1}',
            "bare point": '{"type":"a","value":1.}',
            "hexadecimal": '{"type":"a","value":0x10}',
            "digits of another script": '{"type":"a","value":\u0661}',
            "trailing comma": '{"type":"a",}',
            "comment": '{"type":"a"/**/}',
            "single quotes": "{'type':'a'}",
            "two values": '{"type":"a"}{"type":"b"}',
            "garbage after": '{"type":"a"}]',
            "unclosed": '{"type":"a"',
            "unclosed text": '{"type":"a',
            "line break in text": '{"type":"a\n"}',
            "null character in text": '{"type":"a\0"}',
            "unknown escape": r'{"type":"\x41"}',
            "short escape": r'{"type":"\u12"}',
            "escape with a sign": r'{"type":"\u+123"}',
            "escape with underscores": r'{"type":"\u1_23"}',
            "byte order mark": '\ufeff{"type":"a"}',
            "no-break space": '\u00a0{"type":"a"}',
            "form feed": '\f{"type":"a"}',
        },
        "not-a-message": {
            "array": '["type"]',
            "text": '"type"',
            "number": "1",
            "null": "null",
            "no type": "{}",
            "type that is a number": '{"type":1}',
            "type that is null": '{"type":null}',
            "type in another case": '{"Type":"a"}',
            "type of a prototype": '{"__proto__":{"type":"a"}}',
            "type deeper": '{"message":{"type":"a"}}',
        },
    }
    raw = {
        "lone continuation byte": b'{"type":"\x80"}',
        "cut character": b'{"type":"\xe2\x82"}',
        "overlong slash": b'{"type":"\xc0\xaf"}',
        "raw surrogate": b'{"type":"\xed\xb2\x80"}',
        "beyond Unicode": b'{"type":"\xf4\x90\x80\x80"}',
        "UTF-16": b"\xff\xfe" + '{"type":"a"}'.encode("utf-16-le"),
    }
    cases = [
        refused(name, body, error)
        for error, group in bodies.items()
        for name, body in group.items()
    ]
    cases += [refused(name, body, "not-utf8") for name, body in raw.items()]
    return cases


def stream_cases() -> list[Case]:
    first, second = frame(b'{"type":"first"}'), frame(b'{"type":"second","n":[1,2]}')
    messages: list[object] = [{"type": "first"}, {"type": "second", "n": [1, 2]}]
    limit = struct.pack(">I", 16 * 1024 * 1024)
    return [
        case("nothing", b""),
        case("two messages", first + second, *messages),
        case("cut header", first + second[:3], messages[0]),
        case("cut body", first + second[:-1], messages[0]),
        case("garbage between", first + frame(b"?") + second, messages[0], error="not-json"),
        case(
            "text without a header",
            first + b"GET / HTTP/1.1\r\n\r\n",
            messages[0],
            error="too-large",
        ),
        case(
            "one byte over the limit",
            first + struct.pack(">I", 16 * 1024 * 1024 + 1) + second,
            messages[0],
            error="too-large",
        ),
        case("empty body at the end", first + frame(b""), messages[0], error="not-json"),
        case("longest length", b"\xff" * 4 + first, error="too-large"),
        case("as long as allowed, not arrived", first + limit + second, messages[0]),
    ]


if __name__ == "__main__":
    main()
