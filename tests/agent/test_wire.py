"""The frames of the wire: golden ones, hostile ones, and what importing them brings along."""

from __future__ import annotations

import importlib.util
import json
import random
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prewarm._wire import (
    MAX_DEPTH,
    MAX_FRAME_BYTES,
    Decoder,
    FrameError,
    encode,
    encode_flat,
)

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "contract" / "frames").glob("*.json"))
GOLDEN_CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in GOLDEN
    for case in json.loads(file.read_text(encoding="ascii"))
]


# Golden frames


@pytest.mark.parametrize("case", GOLDEN_CASES)
def test_golden_frames(case: dict[str, Any]) -> None:
    stream = bytes.fromhex(case["hex"])
    for pieces in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        messages, error = decode(pieces)
        assert messages == case["messages"]
        assert (error.code if error else None) == case["error"]
    messages, error = decode([encode(message) for message in case["messages"]])
    assert (messages, error) == (case["messages"], None)


def test_golden_files_are_what_their_script_writes() -> None:
    script = ROOT / "contract" / "write_frames.py"
    spec = importlib.util.spec_from_file_location("write_frames", script)
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    written = {name: writer.render(cases) for name, cases in writer.golden_files().items()}
    assert written == {file.name: file.read_text(encoding="ascii") for file in GOLDEN}


# Encoding


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({}, "not-a-message"),
        ({"type": 1}, "not-a-message"),
        ({"type": "a", "value": float("nan")}, "not-json"),
        ({"type": "a", "value": [float("-inf")]}, "not-json"),
        ({"type": "a", "value": "x" * MAX_FRAME_BYTES}, "too-large"),
    ],
)
def test_encode_refuses_what_the_other_side_would(message: dict[str, object], code: str) -> None:
    with pytest.raises(FrameError) as caught:
        encode(message)
    assert caught.value.code == code


@given(
    st.dictionaries(
        st.sampled_from(["id", "outcome", "durationMs", "text"]),
        st.text(st.characters()) | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_a_flat_message_has_the_same_frame(members: dict[str, Any]) -> None:
    message = {"type": "finished", **members}
    assert encode_flat(message) == encode(message)


def test_a_flat_message_can_be_too_large() -> None:
    with pytest.raises(FrameError) as caught:
        encode_flat({"type": "finished", "text": "x" * MAX_FRAME_BYTES})
    assert caught.value.code == "too-large"


def test_encode_refuses_a_message_that_nests_too_deeply() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH - 2):
        deep = [deep]
    message = {"type": "a", "value": deep}
    assert decode([encode(message)]) == ([message], None)
    for levels in (1, 100_000):
        for _ in range(levels):
            deep = [deep]
        with pytest.raises(FrameError) as caught:
            encode({"type": "a", "value": deep})
        assert caught.value.code == "too-deep"
    while deep:  # taken apart by hand: freeing a chain so long recurses in some versions
        deep = deep.pop()  # type: ignore[assignment]


def test_the_longest_frame_arrives_in_tiny_pieces() -> None:
    text = "x" * (MAX_FRAME_BYTES - len('{"type":"a","text":""}'))
    frame = encode({"type": "a", "text": text})
    assert len(frame) == 4 + MAX_FRAME_BYTES
    # Pieces this small would take many minutes if each one copied what came before it.
    messages, error = decode([frame[at : at + 64] for at in range(0, len(frame), 64)])
    assert error is None
    assert [message["text"] == text for message in messages] == [True]


# Hostile bytes


def test_a_declared_length_costs_nothing_until_its_bytes_arrive() -> None:
    decoders = [Decoder() for _ in range(1000)]
    tracemalloc.start()
    for decoder in decoders:
        decoder.feed(struct.pack(">I", MAX_FRAME_BYTES) + b"{")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < MAX_FRAME_BYTES


def header(length: int) -> bytes:
    return struct.pack(">I", length)


def framed(body: bytes) -> bytes:
    return header(len(body)) + body


def with_byte(body: bytes, at: int, byte: int) -> bytes:
    at %= len(body)
    return body[:at] + bytes([byte]) + body[at + 1 :]


# Any sixteen-bit unit, so lone surrogates occur; JSON joins pairs of them.
any_text = st.text(st.characters(max_codepoint=0x10FFFF), max_size=6).map(
    lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
)
any_value: st.SearchStrategy[Any] = st.one_of(
    any_text,
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([None, True, False, [], {}, [[{}]]]),
)
any_message = st.fixed_dictionaries({"type": any_text, "value": any_value})
any_body = any_message.map(lambda message: encode(message)[4:])
any_bytes = st.binary(max_size=24)
hostile_body = st.one_of(
    any_bytes,
    st.builds(with_byte, any_body, st.integers(0, 200), st.integers(0, 255)),
    st.builds(lambda body, at: body[: at % len(body)], any_body, st.integers(0, 200)),
    st.builds(lambda body, tail: body + tail, any_body, any_bytes),
    st.builds(
        lambda levels, pair: pair[0] * levels + b'""' + pair[1] * levels,
        st.integers(60, 70),
        st.sampled_from([(b"[", b"]"), (b'{"type":', b"}")]),
    ),
    st.sampled_from(
        [
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "9" * 400,
            "9" * 5000,
            "01",
            "\ufeff",
            "null",
            "'a'",
        ]
    ).map(lambda value: b'{"type":"a","value":' + value.encode() + b"}"),
)
hostile_piece = st.one_of(
    hostile_body.map(framed),
    any_bytes,
    st.integers(MAX_FRAME_BYTES + 1, 0xFFFFFFFF).map(header),
    st.integers(100, MAX_FRAME_BYTES).map(header),
)

EXAMPLES = 300
FRAMES_WANTED = 100_000


def test_survives_hostile_streams() -> None:
    seen = 0

    # Drawing is dear and decoding cheap, so every drawn piece is also damaged in many ways of its own.
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.lists(hostile_piece, min_size=12, max_size=12),
        st.lists(any_message, max_size=3),
        st.lists(any_message, max_size=2),
        st.integers(0, 2**32),
    )
    def survives(
        pieces: list[bytes], before: list[dict[str, Any]], after: list[dict[str, Any]], seed: int
    ) -> None:
        nonlocal seen
        chance = random.Random(seed)
        head, tail = b"".join(map(encode, before)), b"".join(map(encode, after))
        for piece in pieces:
            for hostile in [piece, *(damaged(piece, chance) for _ in range(29))]:
                stream = head + hostile + tail
                cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(4))
                check_stream(before, stream, cuts)
                seen += 1

    survives()
    assert seen >= FRAMES_WANTED


def damaged(piece: bytes, chance: random.Random) -> bytes:
    """The piece cut, or with a byte replaced or put in."""
    at = chance.randrange(len(piece) + 1)
    kept = chance.choice((None, at, at + 1))
    return (
        piece[:at] if kept is None else piece[:at] + bytes([chance.randrange(256)]) + piece[kept:]
    )


def check_stream(before: list[dict[str, Any]], stream: bytes, cuts: list[int]) -> None:
    whole, error = decode([stream])
    assert whole[: len(before)] == before
    edges = [0, *cuts, len(stream)]
    in_pieces, same_error = decode([stream[start:end] for start, end in zip(edges, edges[1:])])
    assert in_pieces == whole
    assert (error and error.code) == (same_error and same_error.code)


def decode(pieces: Any) -> tuple[list[dict[str, Any]], FrameError | None]:
    decoder = Decoder()
    messages: list[dict[str, Any]] = []
    for piece in pieces:
        poisoned = decoder.error is not None
        arrived = decoder.feed(piece)
        assert not (poisoned and arrived)
        messages += arrived
    return messages, decoder.error


def test_imports_little() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import __future__, json, struct, socket, os, select\n"
        "before = set(sys.modules); import prewarm._wire; print(sorted(set(sys.modules) - before))"
    )
    output = subprocess.run(
        [sys.executable, "-S", "-c", program, str(ROOT / "agent")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.strip() == "['prewarm', 'prewarm._wire']"
