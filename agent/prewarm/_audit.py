"""The one audit hook of a process, and who listens to which event.

Runs in the trunk and in leaders. Python calls each hook for each event, and there are many that nobody here wants: `id()` raises
one, and every look at a function's code. Hooks cannot be removed, so there is one, which passes on what somebody listens to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Callable

#: A listener's caller is this module, and the caller of that is who has raised the event.
Listener = Callable[[str, tuple[Any, ...]], None]

_listeners: dict[str, tuple[Listener, ...]] = {}
_installed: list[Callable[[str, tuple[Any, ...]], None]] = []


def listen(events: Iterable[str], listener: Listener) -> None:
    """Calls `listener(event, arguments)` for each of these events from now on."""
    for event in events:
        _listeners[event] = (*_listeners.get(event, ()), listener)
    if not _installed:
        _installed.append(_hook(_listeners))
        sys.addaudithook(_installed[0])


def ignore(listener: Listener) -> None:
    """Calls it no more."""
    for event, listeners in list(_listeners.items()):
        kept = tuple(each for each in listeners if each != listener)
        if kept:
            _listeners[event] = kept
        else:
            # Another thread may look at this very moment: the table stays what it is for that look.
            _listeners.pop(event, None)


def _hook(listeners: dict[str, tuple[Listener, ...]]) -> Listener:
    get = listeners.get

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        wanted = get(event)
        if wanted is not None:
            for listener in wanted:
                listener(event, arguments)

    return hook
