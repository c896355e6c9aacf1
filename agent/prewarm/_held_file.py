"""A terminal reporter flushes after every letter; while several tests are reported at once, one flush at the end has to do.

Runs in a leader that has workers.
"""

from __future__ import annotations

from typing import Any


class HeldFile:
    """Stands in for the file of a terminal writer."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._is_held = False
        self._is_due = False
        #: What was written since somebody else has the terminal; None where nobody has.
        self._kept: list[str] | None = None

    def keep(self) -> None:
        """From now on somebody else has what this writes to."""
        self._file.flush()
        self._kept = []

    def go_on(self) -> None:
        """Writes what was kept."""
        kept, self._kept = self._kept, None
        self._file.write("".join(kept or ()))
        self._file.flush()

    def write(self, text: str) -> Any:
        if self._kept is None:
            return self._file.write(text)
        self._kept.append(text)
        return len(text)

    def hold(self) -> None:
        """From now on nothing is flushed."""
        self._is_held = True

    def release(self) -> None:
        """Flushes what should have been flushed since."""
        self._is_held = False
        if self._is_due:
            self._is_due = False
            self.flush()

    def flush_now(self) -> None:
        """Somebody else is about to write to where this goes."""
        self._is_due = False
        self._file.flush()

    def flush(self) -> None:
        if self._kept is not None:
            return
        if self._is_held:
            self._is_due = True
        else:
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def hold_writer(reporter: Any) -> HeldFile | None:
    """Puts a file that can be held behind pytest's terminal reporter; None where there is no reporter."""
    if reporter is None:
        return None
    writer = reporter._tw
    writer._file = HeldFile(writer._file)
    return writer._file  # type: ignore[no-any-return]
