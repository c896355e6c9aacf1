"""Fixtures that stay up between runs: each lives in a process of its own, forked from the leader that needed it first.

Runs in leaders, and in the hosts that they fork. The daemon knows which hosts are up, and what each value was made from.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import marshal
import os
import sys
import types
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from prewarm import _attach, _capture, _leftovers
from prewarm._process import Process
from prewarm._relay import Relay, pair
from prewarm._shared_by_files import not_plain

_close = os.close
_dup2 = os.dup2
_getpid = os.getpid
_open = os.open
_setsid = os.setsid


class WarmFixtures:
    """Gives the leader of one run what hosts have set up, and starts those that are missing."""

    def __init__(self, process: Process, session: Any, is_library: Callable[[str], bool]) -> None:
        self._process = process
        self._session = session
        self._is_library = is_library
        self._hosts = 0
        #: What notes in a watch what each test depends on.
        self._recorder: Any = session.config.pluginmanager.getplugin("prewarm-record")

    def ask(self, function: Any, args: Any, arguments: Any, check: Any, inputs: Any) -> Any:
        """The value of a fixture, set up now if nobody has, or if what it was made from has changed since.

        Raises what its set-up raised, SharedFixtureError around it.
        """
        request = arguments.get("request")
        parameter = getattr(request, "param_index", 0)
        key = f"{function.__module__}:{function.__qualname__}:{parameter}"
        fingerprint = self._fingerprint(function, args, arguments, inputs)
        value = self._known(key, fingerprint, False)
        if value is not None and check is not None and not _is_well(check, value[0]):
            value = self._known(key, fingerprint, True)
        if value is not None:
            _attach.attach_all(value[1])
            return value[0]
        return self._start(key, fingerprint, function, args, arguments)

    def _known(
        self, key: str, fingerprint: str, is_unwell: bool
    ) -> tuple[Any, list[_attach.Attachment]] | None:
        """Value and attachments of what is up."""
        self._process.channel.send(
            {"type": "warm-ask", "key": key, "fingerprint": fingerprint, "isUnwell": is_unwell}
        )
        answer = self._process.receive_only("warm")
        if answer is None:
            self._process.leave()
            return None
        if answer["value"] is None:
            return None
        known: tuple[Any, list[_attach.Attachment]] = marshal.loads(
            base64.b64decode(answer["value"])
        )
        return known

    def _start(self, key: str, fingerprint: str, function: Any, args: Any, arguments: Any) -> Any:
        self._hosts += 1
        ours, theirs = pair()
        name = f"{self._process.id}.h{self._hosts}"
        if self._process.fork(name, "host") == 0:
            try:
                ours.close()
                _Host(self._process, self._session, Relay(theirs)).live(
                    key, fingerprint, function, args, arguments
                )
            finally:
                # What comes behind is the leader's to do.
                self._process.leave(1)
        theirs.close()
        relay = Relay(ours)
        frame = relay.hear()
        relay.close()
        died: tuple[Any, ...] = ("error", f"The process of fixture {key} died.", "", "", [])
        kind, value, out, err, attachments = frame or died
        _attach.attach_all(attachments)
        sys.stdout.write(out)
        sys.stderr.write(err)
        if kind == "value":
            return value
        self._process.channel.send({"type": "warm-failed", "key": key})
        if kind == "skip":
            pytest.skip(value)
        from prewarm._fixture import SharedFixtureError

        raise SharedFixtureError(value)

    def _fingerprint(self, function: Any, args: Any, arguments: Any, inputs: Any) -> str:
        """Of the files that its code comes from, the values it is given, and what it says that it depends on."""
        digest = hashlib.sha256()
        files = _files_of(function, self._is_library)
        root = str(self._session.config.rootpath)
        for path in (*sorted(files), *_files_below(root, inputs)):
            if self._recorder is not None:
                # What is up already does nothing in this run that could be seen.
                self._recorder.note_file(path)
            digest.update(path.encode("utf-8", "surrogatepass"))
            try:
                with open(path, "rb") as file:
                    digest.update(hashlib.sha256(file.read()).digest())
            except OSError:
                digest.update(b"-")
        given = {**dict(enumerate(args)), **arguments}
        request = given.pop("request", None)
        for name, value in sorted(given.items(), key=str):
            digest.update(_described(name) + _described(value))
        digest.update(_described(getattr(request, "param", None)))
        return digest.hexdigest()


class _Host:
    """The process that a warm fixture lives in."""

    def __init__(self, process: Process, session: Any, relay: Relay) -> None:
        self._process = process
        self._session = session
        self._relay = relay

    def live(self, key: str, fingerprint: str, function: Any, args: Any, arguments: Any) -> None:
        """Sets the fixture up, and waits until it is to be torn down, or nobody is there any more."""
        _setsid()
        # It has something to do when the daemon dies, and sees the end of its connection.
        self._process.disarm_death_pipe()
        _leave_streams()
        config = self._session.config
        _capture.renew(config)
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.resume_global_capture()
        stack: Any = None
        attachments = _attach.collected = []
        value: Any = None
        try:
            if inspect.isgeneratorfunction(function):
                stack = function(*args, **arguments)
                value = next(stack)
            else:
                value = function(*args, **arguments)
            try:
                text = base64.b64encode(marshal.dumps((value, attachments))).decode("ascii")
            except ValueError:
                raise TypeError(not_plain(function.__name__, value)) from None
            answer = ("value", value)
        except pytest.skip.Exception as skipped:
            answer = ("skip", str(skipped.msg))
        except BaseException:
            info = pytest.ExceptionInfo.from_current()
            answer = ("error", str(info.getrepr(style="native")))
        out, err = ("", "") if capture is None else capture.read_global_capture()
        if answer[0] == "value":
            # Told before the leader goes on: whoever asks next finds it.
            self._process.channel.send(
                {"type": "hosting", "key": key, "fingerprint": fingerprint, "value": text}
            )
        self._relay.tell(*answer, out or "", err or "", attachments)
        self._relay.close()
        if answer[0] == "value":
            self._wait_for_the_end()
        try:
            if stack is not None:
                for _ in stack:
                    break
        finally:
            self._process.around_forks.finish()
            # A set-up that fails half-way has no tear-down.
            own = self._process.own_children
            _leftovers.end_all(_leftovers.left_in_session(_getpid(), (), own))
            self._process.leave()

    def _wait_for_the_end(self) -> None:
        while True:
            order = self._process.receive()
            if order is None or order["type"] == "exit":
                return


def _is_well(check: Any, value: Any) -> bool:
    try:
        return bool(check(value))
    except Exception:
        return False


def _leave_streams() -> None:
    """The run's streams end with the run, whoever lives on."""
    null = _open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        _dup2(null, descriptor)
    _close(null)


def _files_of(function: Any, is_library: Callable[[str], bool]) -> set[str]:
    """The file of a function, and those of all modules of the project that its module refers to, however far."""
    files: set[str] = set()
    waiting = [sys.modules.get(function.__module__)]
    seen: set[int] = set()
    while waiting:
        module = waiting.pop()
        path = getattr(module, "__file__", None)
        if module is None or id(module) in seen or path is None or is_library(path):
            continue
        seen.add(id(module))
        files.add(path)
        for value in list(vars(module).values()):
            if isinstance(value, types.ModuleType):
                waiting.append(value)
            else:
                waiting.append(sys.modules.get(str(getattr(value, "__module__", ""))))
    files.add(function.__code__.co_filename)
    return files


def _files_below(root: str, inputs: Any) -> Iterator[str]:
    """What these paths, relative to pytest's root, name; all that lies below them where they are folders."""
    for each in inputs:
        path = os.path.join(root, os.fspath(each))
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, names in os.walk(path):
            # Where something is new or gone.
            yield folder
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                yield os.path.join(folder, name)


def _described(value: Any) -> bytes:
    try:
        return marshal.dumps(value)
    except ValueError:
        # Another object each time, of which only the kind can be compared.
        return str(type(value)).encode()
