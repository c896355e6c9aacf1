"""pytest's capture of standard output and error, as one process after the other takes it over from the one that forked it.

Runs in leader, worker and host. What stands for `sys.stdout` and `sys.stderr` while pytest captures stays the very same object: a
module that was imported meanwhile may hold it (`from sys import stdout`, a handler of logging). Only the file behind it changes, since
forks would share its content and its offset.
"""

from __future__ import annotations

import os
import sys
from tempfile import TemporaryFile
from typing import Any

_dup2 = os.dup2
_references = sys.getrefcount


def leave_parent(config: Any) -> None:
    """In a new fork: restores the standard streams, until `begin`; what is captured from then on is this process's own."""
    capturing = _capturing(config)
    if capturing is None:
        return
    capturing.suspend_capturing(in_=True)
    own(capturing)
    # What is in memory alone, its parent has not read yet.
    capturing.readouterr()


def pause(config: Any) -> None:
    """Restores the standard streams, until `begin`."""
    capturing = _capturing(config)
    if capturing is not None:
        capturing.suspend_capturing(in_=True)


def own(capturing: Any) -> None:
    """Puts a file of this process's own behind what it captures into; what was captured stays with the others."""
    for capture in (capturing.out, capturing.err):
        if _has_descriptor(capture):
            with TemporaryFile(buffering=0) as file:
                _dup2(file.fileno(), capture.tmpfile.fileno(), inheritable=False)


def begin(config: Any) -> None:
    """Goes on capturing, now that descriptors 0, 1 and 2 are those of this process."""
    capturing = _capturing(config)
    if capturing is None:
        start(config)
        return
    for capture in (capturing.in_, capturing.out, capturing.err):
        if _has_descriptor(capture):
            _dup2(capture.targetfd, capture.targetfd_save, inheritable=False)
    capturing.resume_capturing()
    capturing.suspend_capturing()


def renew(config: Any) -> None:
    """In a fork whose standard streams are those of its parent: what it captures is its own."""
    leave_parent(config)
    begin(config)


def start(config: Any) -> None:
    """Begins to capture in the way that the options say."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is not None:
        manager._method = config.option.capture
        manager.start_global_capturing()
        manager.suspend_global_capture()


def stop(config: Any) -> None:
    """Ends it, as pytest does at its end."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is not None:
        manager.stop_global_capturing()


def is_held(config: Any) -> bool:
    """Whether the program has kept one of the objects that stand for its standard streams while pytest captures; asked in a pause."""
    capturing = _capturing(config)
    if capturing is None:
        return False
    manager = config.pluginmanager.getplugin("capturemanager")
    return are_held(capturing, manager._method)


def are_held(capturing: Any, method: Any) -> bool:
    """The same of what captures by this method, and does not just now."""
    from _pytest.capture import _get_multicapture

    # Nobody can hold those of this one: each further reference to the others is the program's.
    fresh = _get_multicapture(method)
    try:
        return _counts(capturing) != _counts(fresh)
    finally:
        for each in _parts(fresh):
            each.done()


def take(config: Any) -> tuple[str, str]:
    """What pytest has captured so far, mostly while it imported conftests; the report of the first file would show it."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None or manager._global_capturing is None:
        return "", ""
    out, err = manager.read_global_capture()
    return out or "", err or ""


def replay(config: Any, texts: tuple[str, str]) -> None:
    """Prints the same again, into the run's own capture."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None or not any(texts):
        return
    manager.resume_global_capture()
    for stream, text in zip((sys.stdout, sys.stderr), texts):
        stream.write(text)
        stream.flush()
    manager.suspend_global_capture()


def _capturing(config: Any) -> Any:
    manager = config.pluginmanager.getplugin("capturemanager")
    return None if manager is None else manager._global_capturing


def _parts(capturing: Any) -> list[Any]:
    return [each for each in (capturing.in_, capturing.out, capturing.err) if each is not None]


def _counts(capturing: Any) -> list[int]:
    """How many references there are to each of the objects that stand for a stream, and to what lies below it."""
    counts = []
    for part in _parts(capturing):
        counts.append(_references(part.tmpfile))
        counts.append(_references(getattr(part.tmpfile, "buffer", None)))
        counts.append(_references(getattr(part, "syscapture", part).tmpfile))
    return counts


def _has_descriptor(capture: Any) -> bool:
    return hasattr(capture, "targetfd_save")
