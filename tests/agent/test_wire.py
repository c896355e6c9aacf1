"""The wire of the agent: frames, hostile bytes, and channels over real sockets."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prewarm._wire import (
    MAX_DEPTH,
    MAX_FRAME_BYTES,
    Channel,
    ChannelClosed,
    Decoder,
    FrameError,
    encode,
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


# Channels


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the raw socket at its other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    channel = Channel(ours)
    with theirs:
        yield channel, theirs
    channel.abandon()


def test_messages_arrive_in_order_and_then_the_end(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    theirs.sendall(encode({"type": "a"}) + encode({"type": "b"}))
    theirs.close()
    assert [channel.receive(), channel.receive(), channel.receive()] == [
        {"type": "a"},
        {"type": "b"},
        None,
    ]


def test_silence_is_a_timeout_and_loses_nothing(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    frame = encode({"type": "late"})
    theirs.sendall(frame[:6])
    with pytest.raises(TimeoutError):
        channel.receive(timeout=0)
    with pytest.raises(TimeoutError):
        channel.receive(timeout=0)
    theirs.sendall(frame[6:])
    assert channel.receive(timeout=0) == {"type": "late"}


def test_frames_before_garbage_are_delivered_first(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    theirs.sendall(encode({"type": "good"}) + b"\xff" * 8)
    assert channel.receive() == {"type": "good"}
    for _ in range(2):
        with pytest.raises(FrameError) as caught:
            channel.receive()
        assert caught.value.code == "too-large"


def test_an_end_within_a_frame_is_an_error(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    theirs.sendall(encode({"type": "cut"})[:-1])
    theirs.close()
    with pytest.raises(FrameError) as caught:
        channel.receive()
    assert caught.value.code == "truncated"


def test_a_peer_that_leaves_without_reading_is_an_end(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    channel.send({"type": "unread"})
    theirs.close()
    assert channel.receive() is None
    with pytest.raises(ChannelClosed):
        channel.send({"type": "too late"})


def test_a_closed_channel_says_so(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    channel.close()
    channel.close()
    assert theirs.recv(1) == b""
    for use in (channel.receive, channel.fileno, lambda: channel.send({"type": "a"})):
        with pytest.raises(ChannelClosed):
            use()


def test_is_closed_on_exec(ends: tuple[Channel, socket.socket]) -> None:
    channel, _ = ends
    assert not os.get_inheritable(channel.fileno())


def test_a_default_timeout_of_the_suite_does_not_apply() -> None:
    socket.setdefaulttimeout(0.001)
    try:
        ours, theirs = socket.socketpair()
    finally:
        socket.setdefaulttimeout(None)
    with ours, theirs:
        Channel(ours)
        assert ours.gettimeout() is None


def test_a_fork_that_abandons_leaves_the_parent_connected(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = ends
    child = os.fork()
    if child == 0:
        channel.abandon()
        os._exit(0)
    os.waitpid(child, 0)
    channel.send({"type": "still here"})
    assert Decoder().feed(theirs.recv(4096)) == [{"type": "still here"}]


def test_closing_reaches_the_peer_though_a_fork_holds_the_socket(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = ends
    may_exit, let_exit = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(let_exit)
        os.read(may_exit, 1)
        os._exit(0)
    os.close(may_exit)
    channel.close()
    assert theirs.recv(1) == b""
    os.close(let_exit)
    os.waitpid(child, 0)


class Interrupted(Exception):
    """Raised by a signal handler, as pytest-timeout and Ctrl-C do."""


def test_a_signal_handler_that_raises_does_not_tear_a_frame(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, theirs = ends
    text = "x" * 4_000_000  # far more than the buffer of a socket
    main_thread = threading.get_ident()
    interrupted = threading.Event()
    received: list[dict[str, Any]] = []
    decoder = Decoder()

    def read() -> None:
        received.extend(decoder.feed(theirs.recv(1000)))  # the frame is under way
        signal.pthread_kill(main_thread, signal.SIGUSR1)
        interrupted.wait()
        while len(received) < 2 and decoder.error is None:
            received.extend(decoder.feed(theirs.recv(65536)))

    previous = signal.signal(signal.SIGUSR1, _interrupt)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        with pytest.raises(Interrupted):
            channel.send({"type": "long", "text": text})
        interrupted.set()
        channel.send({"type": "next"})
        reader.join()
    finally:
        interrupted.set()
        signal.signal(signal.SIGUSR1, previous)
    assert decoder.error is None
    assert [message["type"] for message in received] == ["long", "next"]
    assert received[0]["text"] == text


def _interrupt(_signal: int, _frame: object) -> None:
    raise Interrupted


def test_a_signal_handler_that_returns_goes_unnoticed(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    main_thread = threading.get_ident()
    handled = threading.Event()
    previous = signal.signal(signal.SIGUSR1, lambda *_: handled.set())

    def write() -> None:
        signal.pthread_kill(main_thread, signal.SIGUSR1)
        handled.wait()
        theirs.sendall(encode({"type": "after"}))

    writer = threading.Thread(target=write, daemon=True)
    try:
        writer.start()
        assert channel.receive(timeout=60) == {"type": "after"}
        writer.join()
    finally:
        signal.signal(signal.SIGUSR1, previous)


def test_tests_that_patch_the_modules_do_not_reach_it(
    ends: tuple[Channel, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, theirs = ends
    theirs.sendall(encode({"type": "in"}))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("patched")

    for owner, names in {
        json: ("dumps", "loads", "JSONEncoder", "JSONDecoder"),
        struct: ("pack", "unpack", "Struct"),
        select: ("poll", "select"),
        os: ("read", "write", "close"),
    }.items():
        for name in names:
            monkeypatch.setattr(owner, name, refuse)
    monkeypatch.setattr(socket.socket, "send", refuse, raising=False)
    monkeypatch.setattr(socket.socket, "recv", refuse, raising=False)
    monkeypatch.setattr(socket, "socket", refuse)
    channel.send({"type": "out"})
    assert channel.receive(timeout=0) == {"type": "in"}
    channel.abandon()
    monkeypatch.undo()
    assert Decoder().feed(theirs.recv(4096)) == [{"type": "out"}]


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
