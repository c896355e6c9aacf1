"""Fixtures that all workers of a run share: set up here by pytest's own machinery, on the first worker's demand.

Runs in the leader, which runs no test itself.
"""

from __future__ import annotations

import contextlib
import marshal
from typing import Any

import pytest

from prewarm import _attach
from prewarm._known_worker import KnownWorker
from prewarm._replay import Replay
from prewarm._shared_by_files import not_plain

#: Generators of a leader's fixtures in its later forks: to collect one would tear its fixture down.
_never_collected: list[Any] = []


class RunFixtures:
    """What was set up for the workers of one run."""

    def __init__(self, session: Any, replay: Replay) -> None:
        self._session = session
        self._replay = replay
        #: The answer to each fixture and parameter.
        self._answers: dict[tuple[int, int], tuple[Any, ...]] = {}
        #: Which parameter pytest has in its own cache, by fixture.
        self._current: dict[int, int] = {}
        #: Finalizers of fixtures that were set up again with another parameter, in the order of their set-up.
        self._finalizers: list[Any] = []
        self._last_user: tuple[KnownWorker, int] | None = None
        #: What notes in a watch what each test depends on.
        self._recorder: Any = session.config.pluginmanager.getplugin("prewarm-record")

    def give(self, worker: KnownWorker, place: int, name: str, function: int) -> None:
        """Answers a worker that asks for a fixture, and sets it up if it is the first one."""
        item = self._session.items[place]
        callspec = getattr(item, "callspec", None)
        parameter = 0 if callspec is None else callspec.indices.get(name, 0)
        key = (function, parameter)
        if key not in self._answers:
            with self._sharing():
                answer = self._set_up(item, name, function, parameter)
            doings = None if self._recorder is None else self._recorder.shared_facts(key, item)
            self._answers[key] = (*answer, doings)
        self._last_user = (worker, place)
        worker.tell("fixture", *self._answers[key])

    def tear_down(self) -> None:
        """Ends what was set up. An error is reported of the last test that used any of it."""
        if not self._answers:
            return
        self._answers = {}
        try:
            with self._sharing():
                while self._finalizers:
                    self._finalizers.pop()()
                self._session._setupstate.teardown_exact(None)
        except Exception:
            assert self._last_user is not None
            info = pytest.ExceptionInfo.from_current()
            self._replay.teardown_error(*self._last_user, str(info.getrepr(style="native")))

    def _sharing(self) -> Any:
        return contextlib.nullcontext() if self._recorder is None else self._recorder.sharing()

    def _set_up(self, item: Any, name: str, function: int, parameter: int) -> tuple[Any, ...]:
        definitions = item._fixtureinfo.name2fixturedefs.get(name, ())
        definition = next((each for each in definitions if _identity(each.func) == function), None)
        if definition is None or definition is not definitions[-1]:
            return (
                "error",
                f"Fixture {name!r} of scope 'run' is overridden by another of its name, and used by that: give them two names.",
            )
        self._make_room(definition, parameter)
        session = self._session
        if session not in session._setupstate.stack:
            session._setupstate.stack[session] = ([session.teardown], None)
        capture = session.config.pluginmanager.getplugin("capturemanager")
        captured = ("", "")
        attachments = _attach.collected = []
        if capture is not None:
            capture.resume_global_capture()
        try:
            value = item._request.getfixturevalue(name)
            answer = ("value", value)
            marshal.dumps(answer)
        except pytest.skip.Exception as skipped:
            answer = ("skip", str(skipped.msg))
        except ValueError as error:
            is_ours = "unmarshallable" in str(error)
            answer = ("error", not_plain(name, value) if is_ours else _text())
        except Exception:
            answer = ("error", _text())
        finally:
            _attach.collected = None
            if capture is not None:
                capture.suspend_global_capture()
                captured = capture.read_global_capture()
        return (*answer, captured[0] or "", captured[1] or "", attachments)

    def _make_room(self, definition: Any, parameter: int) -> None:
        """pytest keeps one parameter of a fixture and tears it down for the next; here other workers may use it still."""
        key = id(definition)
        if definition.cached_result is not None and self._current.get(key) != parameter:
            self._finalizers += definition._finalizers
            definition._finalizers.clear()
            definition.cached_result = None
        self._current[key] = parameter


def _identity(function: Any) -> int:
    # A fixture of a class is bound to an instance of it.
    return id(getattr(function, "__func__", function))


def forget_inherited(session: Any) -> None:
    """In a worker that is forked when its leader has set up fixtures: they are the leader's to tear down."""
    stack = session._setupstate.stack
    if not stack:
        return
    _never_collected.append(dict(stack))
    stack.clear()
    for item in session.items:
        info = getattr(item, "_fixtureinfo", None)
        for definitions in () if info is None else info.name2fixturedefs.values():
            for definition in definitions:
                if definition.cached_result is not None:
                    kept = (definition.cached_result, list(definition._finalizers))
                    _never_collected.append(kept)
                    definition.cached_result = None
                    definition._finalizers.clear()


def _text() -> str:
    return str(pytest.ExceptionInfo.from_current().getrepr(style="native"))
