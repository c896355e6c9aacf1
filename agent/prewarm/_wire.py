"""The wire between the daemon and this process: JSON messages in length-prefixed frames.

Runs in the agent and in every process it forks. Imports only a few modules of the standard library,
and keeps its own references to their functions, because the tests that run here may patch them.
The TypeScript side is src/protocol/frames.ts; both decode the frames in contract/frames.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from json.encoder import encode_basestring_ascii

TYPE_CHECKING = False
if TYPE_CHECKING:  # their import would cost more than the rest of the file
    from collections.abc import Mapping
    from typing import Any, NoReturn

MAX_FRAME_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

_HEADER_BYTES = 4
_READ_BYTES = 64 * 1024
_DOUBLE_DIGITS = 309
_INFINITY = float("inf")

_quote = encode_basestring_ascii
_header = struct.Struct(">I")
_pack_length = _header.pack
_unpack_length = _header.unpack_from
_new_poll = select.poll
_POLLIN = select.POLLIN
_SHUT_RDWR = socket.SHUT_RDWR
# A test may restore the default of SIGPIPE; then a write to a daemon that has gone would kill this process.
_NO_SIGNAL: int = getattr(socket, "MSG_NOSIGNAL", 0)


class FrameError(ValueError):
    """Bytes or a message that are not a frame; `code` is the same word as in TypeScript.

    There is no way to find the next frame after such bytes: drop the connection.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ChannelClosed(ConnectionError):
    """The other side is gone, or this side has closed the channel."""


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"Expected numbers within the range of a double, got {text[:40]}")


def _parse_float(text: str) -> float:
    number = float(text)
    if number in (_INFINITY, -_INFINITY):
        _refuse_constant(text)
    return number


def _parse_integer(text: str) -> int:
    # An integer of a million digits takes Python minutes to read, and is Infinity in JavaScript.
    if len(text) >= _DOUBLE_DIGITS:
        if len(text) > _DOUBLE_DIGITS + 1:
            _refuse_constant(text)
        _parse_float(text)
    return int(text)


# ASCII output writes lone surrogates as \udcXX, so paths with undecodable bytes survive.
_to_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
_from_json = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_parse_float, parse_int=_parse_integer
).decode


def encode(message: Mapping[str, object]) -> bytes:
    """The frame of a message: four bytes of length (big-endian), then JSON.

    Raises FrameError for a message that the other side would refuse. Integers beyond 2**53 lose
    digits in JavaScript: send them as strings.
    """
    if not isinstance(message.get("type"), str):
        raise FrameError("not-a-message", "Expected a string member `type` in a message.")
    try:
        body = _to_json(dict(message)).encode("ascii")
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise FrameError("not-json", f"Expected a message that JSON can hold: {error}") from None
    if len(body) > MAX_FRAME_BYTES:
        raise _too_large(len(body))
    if _nests_too_deeply(body):
        raise _too_deep()
    return _pack_length(len(body)) + body


def encode_flat(message: Mapping[str, str | float]) -> bytes:
    """The same for a message of strings and finite numbers alone, in half the time: a run has thousands of them.

    Raises FrameError for one that is too large.
    """
    members = [
        f'"{key}":{_quote(value) if isinstance(value, str) else value}'
        for key, value in message.items()
    ]
    body = f"{{{','.join(members)}}}".encode("ascii")
    if len(body) > MAX_FRAME_BYTES:
        raise _too_large(len(body))
    return _pack_length(len(body)) + body


class Decoder:
    """Cuts a stream of bytes into messages, however the bytes are split.

    Bytes that are no frame set `error` for good; the messages before them are still returned,
    and whatever comes later is ignored.
    """

    #: A longer frame is an error.
    most_bytes = MAX_FRAME_BYTES

    def __init__(self) -> None:
        self.error: FrameError | None = None
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that these bytes complete, in order."""
        messages: list[dict[str, Any]] = []
        if self.error is not None:
            return messages
        self._buffer += data
        try:
            while True:
                body = self._take_body()
                if body is None:
                    break
                messages.append(self.decode(body))
        except FrameError as error:
            self.error = error
            self._buffer = bytearray()
        return messages

    def at_boundary(self) -> bool:
        """Whether no frame has been left half read."""
        return not self._buffer

    def decode(self, body: bytes) -> Any:
        """The message in the body of a frame. Raises FrameError."""
        return _decode_body(body)

    def _take_body(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < _HEADER_BYTES:
            return None
        (length,) = _unpack_length(buffer)
        if length > self.most_bytes:
            raise _too_large(length)
        end = _HEADER_BYTES + length
        if len(buffer) < end:
            return None
        body = bytes(buffer[_HEADER_BYTES:end])
        del buffer[:end]
        return body


def _decode_body(body: bytes) -> dict[str, Any]:
    if _nests_too_deeply(body):
        raise _too_deep()
    try:
        message = _from_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise FrameError("not-utf8", "Expected UTF-8 in a frame, got other bytes.") from None
    except ValueError as error:
        raise FrameError("not-json", f"Expected JSON in a frame: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise FrameError("not-a-message", "Expected an object with a string member `type`.")
    return message


_BRACKETS_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _nests_too_deeply(body: bytes) -> bool:
    # Whole-bytes operations only: a loop over the bytes in Python would cost more than the parse.
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    without_escapes = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside_strings = b"".join(without_escapes.split(b'"')[::2])
    brackets = outside_strings.translate(_BRACKETS_ALIKE, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):  # each round removes the innermost level everywhere
        shorter = brackets.replace(b"[]", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    return b"[" in brackets  # too deep, or never closed


def _too_large(length: int) -> FrameError:
    return FrameError(
        "too-large", f"Expected a frame of at most {MAX_FRAME_BYTES} bytes, got {length}."
    )


def _too_deep() -> FrameError:
    return FrameError("too-deep", f"Expected a message nested at most {MAX_DEPTH} levels deep.")


class Channel:
    """Messages over a connected unix stream socket, which it owns from now on. For one thread."""

    def __init__(self, connection: socket.socket, decoder: Decoder | None = None) -> None:
        connection.settimeout(None)  # a test may have set a default timeout for new sockets
        connection.set_inheritable(False)
        self._connection: socket.socket | None = connection
        self._send_bytes = connection.send
        self._receive_bytes = connection.recv
        self._decoder = Decoder() if decoder is None else decoder
        self._arrived: list[dict[str, Any]] = []
        self._unsent: tuple[bytes, list[int]] = (b"", [])

    def send(self, message: Mapping[str, object]) -> None:
        """Write one message, waiting while the other side does not read. Raises ChannelClosed.

        When a signal handler raises in the middle, the rest of the frame goes out before the next.
        """
        self.queue(message)
        self.flush()

    def send_frame(self, encoded: bytes) -> None:
        """The same with a message that is a frame already."""
        self.queue_frame(encoded)
        self.flush()

    def queue(self, message: Mapping[str, object]) -> None:
        """Let one message go out together with the next, or at the next flush()."""
        self.queue_frame(encode(message))

    def queue_frame(self, encoded: bytes) -> None:
        """The same with a message that is a frame already."""
        frame, counts = self._unsent
        # One assignment: a signal handler that raises finds the message queued or not, and nothing twice.
        self._unsent = (frame[sum(counts) :] + encoded, [])

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next message, or None once the other side has closed its end.

        Raises TimeoutError after `timeout` seconds of silence (0: only what is there already, so call
        until it raises after the file descriptor turned readable), FrameError for bytes that are
        no frame, ChannelClosed after close().
        """
        while not self._arrived:
            if self._decoder.error is not None:
                raise self._decoder.error
            data = self._read(timeout)
            if not data:
                if self._decoder.at_boundary():
                    return None
                raise FrameError("truncated", "The connection ended within a frame.")
            self._arrived = self._decoder.feed(data)
            self._arrived.reverse()
        return self._arrived.pop()

    def fileno(self) -> int:
        """The descriptor, for a selector. Messages that were read already do not show on it."""
        return self._open_connection().fileno()

    def close(self) -> None:
        """End the connection for every process that shares it."""
        connection = self._connection
        if connection is not None:
            try:
                connection.shutdown(_SHUT_RDWR)
            except OSError:
                pass  # the other side has gone already
        self.abandon()

    def abandon(self) -> None:
        """Drop this process's copy, as a forked child must; the connection of the parent lives on."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def flush(self) -> None:
        """Write what is queued, waiting while the other side does not read. Raises ChannelClosed."""
        self._open_connection()
        frame, counts = self._unsent
        while True:
            done = sum(counts)
            if done == len(frame):
                return
            try:
                # One call of C from the write to the note of it: a signal handler that raises
                # cannot come between the two, so we always know where the frame stands.
                counts.extend(map(self._send_bytes, (memoryview(frame)[done:],), (_NO_SIGNAL,)))
            except ConnectionError as error:
                raise ChannelClosed("The other side closed the connection.") from error

    def _read(self, timeout: float | None) -> bytes:
        descriptor = self._open_connection().fileno()
        if timeout is not None:
            poll = _new_poll()
            poll.register(descriptor, _POLLIN)
            if not poll.poll(timeout * 1000):
                raise TimeoutError(f"No message within {timeout} seconds.")
        try:
            return self._receive_bytes(_READ_BYTES)
        except ConnectionResetError:
            return b""  # it closed without reading what we sent last

    def _open_connection(self) -> socket.socket:
        if self._connection is None:
            raise ChannelClosed("The channel was closed.")
        return self._connection
