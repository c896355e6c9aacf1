"""Which line of the program has started a thread: a fork would not have it, so nothing behind it can be kept.

Runs in the trunk.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
from typing import Any, Callable

_current_frames = sys._current_frames
_thread_count = _thread._count

#: Frames of ours are nobody's reason.
_AGENT_FOLDER = os.path.dirname(__file__) + os.sep


def is_another_alive() -> bool:
    """Whether a Python thread beside this one lives."""
    # Not `threading.enumerate`: it does not know the threads that `_thread` started.
    return len(_current_frames()) > 1 or _thread_count() > 0


class ThreadOrigin:
    """The first line of the project that has started a thread, of a library where no project's led to it."""

    def __init__(self, is_library: Callable[[str], bool]) -> None:
        self._is_library = is_library
        #: In words; empty as long as none was started.
        self.line = ""

    def starts_at(self, frame: Any) -> None:
        """A thread starts here."""
        if self.line:
            return
        library = ""
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith(("<", _AGENT_FOLDER)) and file != threading.__file__:
                line = f"{file}:{frame.f_lineno} starts a thread"
                if not self._is_library(file):
                    self.line = line
                    return
                library = library or line
            frame = frame.f_back
        self.line = library
