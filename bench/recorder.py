"""One round of what watching costs a suite, for bench/recorder.ts: the import of its code, and its tests.

Runs pytest with the arguments that it is given in one process, either bare or with the code watch of a trunk. When all is
collected, forks run the tests, in a watched process in turn without and with the recorder of a watch. The last line has the
processor times in seconds, so that what else the machine does counts as little as possible.

    python bench/recorder.py bare|watched ROUNDS PYTEST-ARGUMENTS
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "agent"))

import pytest
from prewarm._code_watch import CodeWatch
from prewarm._observe import library_folders
from prewarm._opened import Opened
from prewarm._recorder import Recorder
from prewarm._report import Reporter
from prewarm._wire import Channel


class Leader:
    """What recorder and reporter need of a leader's process; the daemon is a program that counts bytes."""

    state_folder = "/nonexistent"

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.daemon = subprocess.Popen(
            ["wc", "-c"], stdin=theirs, stdout=subprocess.PIPE, text=True
        )
        theirs.close()
        self.channel = Channel(ours)

    def end(self) -> int:
        """How many bytes were told."""
        self.channel.close()
        return int(self.daemon.communicate()[0])


class Round:
    """The plugin that measures."""

    def __init__(self, watch: CodeWatch | None, rounds: int) -> None:
        self._watch = watch
        turns = ["plain", "recorded"]
        both = (turns if each % 2 == 0 else turns[::-1] for each in range(rounds))
        self._kinds = ["bare"] * rounds if watch is None else [kind for two in both for kind in two]
        self.told: dict[str, Any] = {kind: [] for kind in self._kinds}
        self._began = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        self._began = time.process_time()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        self.told["import"] = time.process_time() - self._began

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> Any:
        self.told["tests"] = len(session.items)
        if self._watch is not None:
            self._watch.stop()
        gc.collect()
        gc.freeze()
        for kind in self._kinds:
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                found = self._run(session, kind)
                os.write(writing, json.dumps(found).encode())
                os._exit(0)
            os.close(writing)
            with open(reading) as answer:
                self.told[kind].append(json.loads(answer.read()))
            os.waitpid(child, 0)
        return True

    def _run(self, session: Any, kind: str) -> dict[str, Any]:
        leader: Any = Leader()
        plugins = session.config.pluginmanager
        reporter = Reporter(leader)
        reporter.is_reporting = True
        plugins.register(reporter, "bench-report")
        if kind == "recorded":
            assert self._watch is not None
            opened = Opened(in_library, (leader.state_folder,))
            recorder = Recorder(leader, self._watch, opened)
            plugins.register(recorder, "prewarm-record")
            recorder.begin()
        plugins.unregister(name="bench-round")
        began, began_wall = time.process_time(), time.perf_counter()
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            with contextlib.suppress(session.Failed):
                session.config.hook.pytest_runtestloop(session=session)
            session.config.hook.pytest_sessionfinish(session=session, exitstatus=0)
        found = {"cpu": time.process_time() - began, "wall": time.perf_counter() - began_wall}
        return {**found, "failed": session.testsfailed, "bytes": leader.end()}


_LIBRARIES = library_folders()


def in_library(path: str) -> bool:
    return path.startswith(_LIBRARIES)


def main(kind: str, rounds: int, args: list[str]) -> None:
    sys.path.insert(0, os.getcwd())
    watch = None
    if kind == "watched":
        watch = CodeWatch(in_library)
        watch.install()
    measured = Round(watch, rounds)

    class Named:
        """Registers the measuring plugin under a name, so that the forks can leave it out."""

        def pytest_configure(self, config: Any) -> None:
            config.pluginmanager.register(measured, "bench-round")

    pytest.main([*args, "-p", "no:cacheprovider", "-q"], plugins=[Named()])
    print(json.dumps(measured.told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
