"""Tracebacks as a plain start shows them. Runs in trunk and leader."""

from __future__ import annotations

import os
import types

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep


def without_own_frames(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """The same without frames of ours."""
    entries = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_OWN_FOLDER):
            entries.append(traceback)
        traceback = traceback.tb_next
    rest = None
    for entry in reversed(entries):
        rest = types.TracebackType(rest, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return rest
