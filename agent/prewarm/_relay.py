"""What a leader and the workers that it has forked say to each other: `marshal` in length-prefixed frames.

Runs in leader and worker. Both are the same program at the same moment, on one pair of sockets that nobody else holds,
so plain Python values keep their types on the way: a tuple in a report arrives as a tuple.
"""

from __future__ import annotations

import marshal
import mmap
import select
import socket
import struct
from typing import Any

from prewarm._wire import Channel, Decoder, FrameError

_dumps = marshal.dumps
_loads = marshal.loads
_pack_length = struct.Struct(">I").pack
_socketpair = socket.socketpair
_new_poll = select.poll
_place = struct.Struct("=q")

#: The name of a message, and what belongs to it.
Frame = tuple[Any, ...]

_PLAIN = (str, bytes, int, float, complex, bool, type(None))


class Relay(Channel):
    """One side of the connection between a leader and one worker."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection, _RelayDecoder())
        self._poll = _new_poll()
        self._poll.register(connection.fileno(), select.POLLIN)

    @property
    def has_more(self) -> bool:
        """Whether there is a message, or the other side has gone."""
        return bool(self._arrived) or bool(self._poll.poll(0))

    def note(self, *frame: Any) -> None:
        """Lets a message go out with the next one that is told, or at the next flush."""
        try:
            body = _dumps(frame)
        except ValueError:
            body = _dumps(plain(frame))
        self.queue_frame(_pack_length(len(body)) + body)

    def tell(self, *frame: Any) -> None:
        """Sends a message with all that was noted before. Raises ChannelClosed."""
        self.note(*frame)
        self.flush()

    def hear(self, timeout: float | None = None) -> Frame | None:
        """The next message; None where the other side has gone. Raises TimeoutError, as `receive` does."""
        try:
            frame: Any = self.receive(timeout)
        except FrameError:
            # It ended within a frame.
            return None
        return frame  # type: ignore[no-any-return]


class RunningPlace:
    """The place of the test that a worker runs, in memory that it shares with its leader: what a dead worker cannot tell any more."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _place.size)
        self.set(-1)

    def set(self, place: int) -> None:
        """Called by the worker; -1 between two tests."""
        _place.pack_into(self._memory, 0, place)

    def get(self) -> int:
        """Called by the leader, when the worker has ended."""
        return int(_place.unpack_from(self._memory, 0)[0])

    def close(self) -> None:
        self._memory.close()


class _RelayDecoder(Decoder):
    # A test may print as much as memory takes.
    most_bytes = 2**32 - 1

    def decode(self, body: bytes) -> Any:
        return _loads(body)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets: the leader's and the worker's."""
    return _socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


def plain(value: Any) -> Any:
    """The same value of built-in types alone; what has no such form becomes its text."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, list):
        return list(map(plain, value))
    if isinstance(value, (set, frozenset)):
        return list(map(plain, value))
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind.__call__(value)
    return str(value)
