"""The daemon's side of real trunk processes, played by a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

import golden
from golden import Message
from prewarm._wire import Channel

AGENT = Path(__file__).parents[2] / "agent" / "prewarm"

#: So that a failure ends.
PATIENCE_S = 60


class PlayedDaemon:
    """Listens where the processes of one trunk connect, and tells them what a test wants."""

    def __init__(self) -> None:
        # Not pytest's own folder: a path that long may not fit the name of a socket.
        self.state_folder = Path(tempfile.mkdtemp(prefix="pw-"))
        # As the daemon does: its death is what ends every process.
        os.mkfifo(self.state_folder / "alive")
        self._alive = os.open(self.state_folder / "alive", os.O_RDWR | os.O_NONBLOCK)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.state_folder / "agent.sock"))
        self.server.listen()
        self.server.settimeout(PATIENCE_S)
        self._streams = socket.socket(socket.AF_UNIX)
        self._streams.bind(str(self.state_folder / "stream.sock"))
        self._streams.listen()
        self._streams.settimeout(PATIENCE_S)
        #: The last process that `grow` has talked with.
        self.tip: Channel | None = None
        self._started: list[subprocess.Popen[bytes]] = []
        #: A parked process leaves when its connection ends.
        self._channels: list[Channel] = []
        self._outputs: list[socket.socket] = []

    def __enter__(self) -> PlayedDaemon:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.close()
        self._streams.close()
        for channel in self._channels:
            channel.close()
        for output in self._outputs:
            output.close()
        # This ends every process of ours that is left.
        os.close(self._alive)
        for process in self._started:
            process.kill()
            process.wait()
        shutil.rmtree(self.state_folder)

    def start(self, folder: Path) -> subprocess.Popen[bytes]:
        """The first process of a trunk, started as the daemon does."""
        words = [sys.executable, str(AGENT / "__main__.py"), self.server.getsockname(), "t1"]
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(words, cwd=folder, env=env)
        self._started.append(process)
        return process

    def accept(self) -> tuple[Channel, Message]:
        """The next process that connects, and how it introduces itself."""
        connection, _ = self.server.accept()
        channel = Channel(connection)
        self._channels.append(channel)
        return channel, told(channel)

    def spare(self, *args: str) -> Channel:
        """A leader that was forked ahead from the tip, when it is ready for a run with these arguments."""
        assert self.tip is not None
        self.tip.send({"type": "spare", "id": "s1", "args": list(args)})
        channel, hello = self.accept()
        assert (hello["role"], hello["id"]) == ("leader", "s1")
        channel.send({"type": "welcome"})
        for _ in ("stdout", "stderr"):
            self._outputs.append(self._streams.accept()[0])
        return channel

    def start_order(self, *args: str) -> Message:
        """What to start: a plain `pytest ARGS`, cut at the usual places."""
        return {**golden.examples("orders")[0], "args": list(args), "edited": [], **self._places()}

    def _places(self) -> Message:
        return {
            "stateFolder": str(self.state_folder),
            "ahead": {"modules": [], "never": []},
            "workarounds": [],
        }

    def grow(self, folder: Path, *args: str) -> list[Message]:
        """All that a trunk tells up to its tip or its end, the messages of its processes one after another."""
        self.start(folder)
        channel, _ = self.accept()
        channel.send(self.start_order(*args))
        messages: list[Message] = []
        while True:
            message = channel.receive(timeout=PATIENCE_S)
            if message is None:
                return messages
            messages.append(message)
            if message["type"] == "tip":
                self.tip = channel
                return messages
            if message["type"] == "parked":
                channel, hello = self.accept()
                assert hello["id"] == message["child"]
                channel.send({"type": "welcome"})


def told(channel: Channel) -> Message:
    """The next message, which has to come."""
    message = channel.receive(timeout=PATIENCE_S)
    assert message is not None
    return message
