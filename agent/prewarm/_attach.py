"""`prewarm.attach`: details that a test or fixture wants to see with a failure.

Runs where the test or fixture runs, in plain pytest too. The first call registers a plugin; before that there is nothing.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from prewarm._origins import running_phase

_PLUGIN = "prewarm-attachments"

#: So much of a file is shown: its end.
_MOST_BYTES = 64 * 1024
_MOST_LINES = 200

#: Name, whether it is a file, text or path.
Attachment = tuple[str, bool, str]

#: In a process where a fixture is set up for others: takes what it attaches.
collected: list[Attachment] | None = None


def attach(name: str, content: str | os.PathLike[str]) -> None:
    """Shows a text, or the end of a file as it is then, with the failure of this test.

    Called while a fixture is set up, it is shown with each failure of a test that uses the fixture. A second call with the same
    name takes the place of the first. Raises RuntimeError where no test runs in this thread, TypeError for anything else than a
    text or a path.
    """
    if isinstance(content, str):
        attachment: Attachment = (name, False, content)
    elif isinstance(content, os.PathLike):
        attachment = (name, True, os.path.abspath(os.fspath(content)))
    else:
        raise TypeError(
            f"Expected a text or a path to attach as {name!r}, got {type(content).__name__}."
        )
    _add(attachment, sys._getframe(1))


def attach_all(attachments: Any) -> None:
    """Attaches what a fixture has attached in another process, to the fixture that is being set up."""
    for attachment in attachments:
        _add(attachment, sys._getframe(1))


def _add(attachment: Attachment, frame: Any) -> None:
    if collected is not None:
        collected.append(attachment)
        return
    phase = running_phase(frame)
    if phase is None:
        raise RuntimeError(f"Expected a running test to attach {attachment[0]!r} to, found none.")
    item, _, request = phase
    manager = item.config.pluginmanager
    plugin = manager.getplugin(_PLUGIN)
    if plugin is None:
        plugin = _Attachments()
        manager.register(plugin, _PLUGIN)
    plugin.add(attachment, item, request)


class _Attachments:
    def __init__(self) -> None:
        self._of_test: dict[str, dict[str, Attachment]] = {}
        #: By the identity of the fixture's definition, for as long as it is set up.
        self._of_fixture: dict[int, dict[str, Attachment]] = {}

    def add(self, attachment: Attachment, item: Any, request: Any) -> None:
        if request is None:
            self._of_test.setdefault(item.nodeid, {})[attachment[0]] = attachment
            return
        key = id(request._fixturedef)
        if key not in self._of_fixture:
            request.addfinalizer(lambda: self._of_fixture.pop(key, None))
        self._of_fixture.setdefault(key, {})[attachment[0]] = attachment

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: Any) -> Any:
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            for name, is_file, content in self._attached_to(item):
                report.sections.append(
                    (f"Attached {name}", _end_of(content) if is_file else content)
                )

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._of_test.pop(nodeid, None)

    def _attached_to(self, item: Any) -> list[Attachment]:
        found: list[Attachment] = []
        if self._of_fixture:
            info = getattr(item, "_fixtureinfo", None)
            used = (
                [] if info is None else [d for each in info.name2fixturedefs.values() for d in each]
            )
            used += getattr(getattr(item, "_request", None), "_fixture_defs", {}).values()
            for key in dict.fromkeys(map(id, used)):
                found += self._of_fixture.get(key, {}).values()
        found += self._of_test.get(item.nodeid, {}).values()
        return found


def _end_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"{path}: {error.strerror}"
    lines = text.splitlines()
    if size > _MOST_BYTES or len(lines) > _MOST_LINES:
        lines = [f"… the end of {path}:", *lines[-_MOST_LINES:]]
    return "\n".join(lines)
