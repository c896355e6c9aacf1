"""The channel of the agent over real sockets: ends, forks, signals, and tests that patch modules."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from prewarm._wire import Channel, ChannelClosed, Decoder, FrameError, encode


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the raw socket at its other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    theirs.settimeout(60)  # so that a failure ends
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


def test_a_queued_message_goes_out_with_the_next(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    channel.queue({"type": "a"})
    assert not select.select([theirs], [], [], 0)[0]
    channel.queue({"type": "b"})
    channel.send({"type": "c"})
    assert theirs.recv(1000) == b"".join(encode({"type": each}) for each in "abc")
    channel.queue({"type": "d"})
    channel.flush()
    assert theirs.recv(1000) == encode({"type": "d"})


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
        theirs.shutdown(socket.SHUT_RDWR)  # frees a sender that has more to say than we expect

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
