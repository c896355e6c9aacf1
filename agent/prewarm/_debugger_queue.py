"""Who of several workers has the terminal: the first that stops in a debugger is in front, the others queue.

Runs in the leader. While a worker is in front, what pytest prints is kept, and what the terminal sends goes to that worker.
"""

from __future__ import annotations

import signal
from collections import deque
from typing import Any, Callable

from prewarm._held_file import HeldFile
from prewarm._known_worker import KnownWorker

#: What a terminal sends to the program that is in front.
_PASSED_ON = (signal.SIGINT, signal.SIGWINCH)


class DebuggerQueue:
    """Workers that have stopped in a debugger."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        #: Whether the terminal has to be asked for.
        self._asks = False
        self._is_over = False
        self._waiting: deque[tuple[KnownWorker, str]] = deque()
        self._front: KnownWorker | None = None
        self._held: HeldFile | None = None
        self._handlers: dict[int, Any] = {}

    @property
    def has_terminal(self) -> bool:
        """Whether a worker is in front: nobody else writes to the terminal."""
        return self._front is not None

    def holds(self, worker: KnownWorker) -> bool:
        """Whether this worker stands still, whatever its test takes."""
        return worker is self._front or any(each is worker for each, _ in self._waiting)

    def take(self, worker: KnownWorker, frame: Any, held: HeldFile | None) -> None:
        """A worker stops, or goes on; `held` is what pytest prints to."""
        if frame[0] == "debugged":
            self.leave(worker)
            return
        _, place, self._asks = frame
        self._held = held
        if self._is_over:
            worker.signal(signal.SIGINT)
            return
        self._waiting.append((worker, place))
        self._lead_on()

    def is_free(self) -> None:
        """Whoever read keys at the terminal, or drew there, has stepped aside."""
        if self._front is not None:
            self._front.tell("front", len(self._waiting))

    def leave(self, worker: KnownWorker) -> None:
        """A worker goes on, or has gone: the next one comes in front."""
        self._waiting = deque(each for each in self._waiting if each[0] is not worker)
        if worker is not self._front:
            return
        self._front = None
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
        if self._held is not None:
            self._held.go_on()
        self._tell({"type": "debugged"})
        self._lead_on()

    def end(self) -> None:
        """The session ends: who waits, or comes now, is interrupted."""
        self._is_over = True
        for worker, _ in self._waiting:
            worker.signal(signal.SIGINT)
        self._waiting.clear()

    def _lead_on(self) -> None:
        if self._front is not None or not self._waiting:
            return
        worker, place = self._waiting.popleft()
        self._front = worker
        if self._held is not None:
            self._held.keep()
        for number in _PASSED_ON:
            self._handlers[number] = signal.signal(number, self._pass_on)
        test = None if worker.running is None else worker.running[1]
        behind = len(self._waiting)
        self._tell(
            {
                "type": "debugging",
                "place": place,
                "asks": self._asks,
                "worker": worker.name,
                "test": test,
                "waiting": behind,
            }
        )
        if not self._asks:
            self.is_free()

    def _pass_on(self, number: int, _frame: object) -> None:
        if self._front is not None:
            self._front.signal(number)
