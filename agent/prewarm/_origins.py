"""Who began something: the test or fixture that runs, and the line of the project that did it.

Runs in leader and worker, and wherever a test calls `prewarm.attach`. Nothing is noted while tests run: the stack has it all.
"""

from __future__ import annotations

import os
from typing import Any, Callable, NamedTuple

from _pytest import fixtures, runner

#: Every fixture function is called by this one, whose argument is the fixture's request.
_CALLS_FIXTURES = getattr(fixtures.call_fixture_func, "__code__", None)

#: Every phase of a test is run by this one.
_RUNS_PHASES = getattr(runner.call_and_report, "__code__", None)

#: In a phase, everything of the test's own runs in this one; what reports it comes behind.
_RUNS_TEST = getattr(runner.CallInfo.from_call, "__code__", None)

_AGENT_FOLDER = os.path.dirname(__file__) + os.sep


class Origin(NamedTuple):
    """Who began something."""

    #: A test's node id, or `fixture NAME`.
    owner: str
    #: File and line in the project; empty where only libraries were at work.
    line: str
    #: Whether it may outlive the test: a fixture of a wider scope has begun it.
    is_wide: bool


def running_phase(frame: Any) -> tuple[Any, str, Any] | None:
    """The item that runs at this frame, its phase, and the request of the fixture that is being set up or None.

    None where no test runs here.
    """
    request = None
    while frame is not None:
        code = frame.f_code
        if code is _CALLS_FIXTURES and request is None:
            request = frame.f_locals["request"]
        elif code is _RUNS_PHASES:
            return frame.f_locals["item"], frame.f_locals["when"], request
        frame = frame.f_back
    return None


def running_fixture(frame: Any) -> Any:
    """The request of the fixture that is being set up at this frame; None where there is none."""
    while frame is not None:
        if frame.f_code is _CALLS_FIXTURES:
            return frame.f_locals["request"]
        frame = frame.f_back
    return None


def origin_at(frame: Any, test: str, root: str, is_library: Callable[[str], bool]) -> Origin | None:
    """Who is at work at this frame while `test` runs; None where neither the project nor a fixture is.

    What a plugin does between tests, or a script around pytest, is nobody's.
    """
    line = ""
    while frame is not None:
        code = frame.f_code
        if code is _CALLS_FIXTURES:
            request = frame.f_locals["request"]
            return Origin(f"fixture {request.fixturename}", line, request.scope != "function")
        if code is _RUNS_TEST:
            return Origin(test, line, False) if line else None
        if not line:
            file = code.co_filename
            if not file.startswith(("<", _AGENT_FOLDER)) and not is_library(file):
                line = f"{file[len(root) + 1 :] if file.startswith(root + os.sep) else file}:{frame.f_lineno}"
        frame = frame.f_back
    return None
