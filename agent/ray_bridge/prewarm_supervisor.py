"""What stays on each node of a Ray cluster: starts `prewarm node` as a child process, and passes bytes between it and the bridge.

Runs in a worker process of Ray's, to which it is sent by value from `prewarm_ray.py`: nothing of prewarm has to be installed for it. It may
import the standard library and ray alone. Ray's worker has threads, so nothing of the project is imported here, and nothing is forked.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import sys
from typing import Any

#: An answer to `read` comes at latest after so long, so that either side sees that the other one has gone.
READ_S = 5.0
#: A connection of which nobody has read for so long has nobody at its other end.
UNREAD_S = 30.0
MOST_BYTES = 1 << 20
#: A supervisor does not read on from its child while so much of it is unread.
MOST_UNREAD = 8 << 20
#: What a node side has of its machine's environment. Ray's own variables would differ from those of a run at home.
OWN_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "XDG_RUNTIME_DIR")


class Supervisor:
    """Starts node sides on its machine and passes what they say. It leaves when nobody has had one for its ttl."""

    def __init__(self, words: list[str], ttl_s: float) -> None:
        self._words = words
        self._ttl_s = ttl_s
        self._children: dict[int, dict[str, Any]] = {}
        self._opened = 0
        self._lock: Any = None
        self._folder = ""
        self._used_at = 0.0
        #: What has started this process: Ray's part of the node.
        self._parent = os.getppid()
        self._keeper: Any = None

    async def open(self) -> int:
        """Starts a node side; returns the number of the connection with it."""
        loop = asyncio.get_running_loop()
        self._used_at = loop.time()
        if self._keeper is None:
            self._keeper = loop.create_task(self._keep())
        env = {name: os.environ[name] for name in OWN_VARIABLES if name in os.environ}
        env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env.get("PATH", os.defpath)
        process = await asyncio.create_subprocess_exec(
            *self._words,
            "--folder",
            self._own_folder(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=env,
            cwd="/",
            start_new_session=True,
        )
        self._opened += 1
        child: dict[str, Any] = {
            "process": process,
            "unread": bytearray(),
            "words": b"",
            "news": asyncio.Event(),
            "room": asyncio.Event(),
            "read_at": loop.time(),
            "next": 0,
            "early": {},
            "end": None,
        }
        self._children[self._opened] = child
        child["tasks"] = [
            loop.create_task(self._listen(child)),
            loop.create_task(self._keep_words(child)),
        ]
        return self._opened

    async def read(self, connection: int) -> tuple[bytes, str | None, str]:
        """What the node side has said since, how it ended if it did, and its last words. Waits a while where there is nothing."""
        child = self._children.get(connection)
        if child is None:
            return b"", "is not known any more", ""
        child["read_at"] = self._used_at = asyncio.get_running_loop().time()
        if not child["unread"] and child["end"] is None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(child["news"].wait(), READ_S)
        data = bytes(child["unread"][:MOST_BYTES])
        del child["unread"][: len(data)]
        if not child["unread"] and child["end"] is None:
            child["news"].clear()
        child["room"].set()
        child["read_at"] = self._used_at = asyncio.get_running_loop().time()
        if data or child["end"] is None:
            return data, None, ""
        self._children.pop(connection, None)
        return b"", child["end"], child["words"].decode(errors="replace").strip()

    async def write(self, connection: int, number: int, data: bytes) -> None:
        """Tells the node side: the parts are numbered from 0, and may arrive in another order."""
        child = self._children.get(connection)
        if child is None:
            return
        child["early"][number] = data
        while child["next"] in child["early"]:
            child["process"].stdin.write(child["early"].pop(child["next"]))
            child["next"] += 1
        with contextlib.suppress(OSError):
            await child["process"].stdin.drain()

    async def close(self, connection: int) -> None:
        """The node side is not wanted any more: the end of its input tells it."""
        child = self._children.pop(connection, None)
        if child is not None:
            await self._end(child)

    async def _end(self, child: dict[str, Any]) -> None:
        process = child["process"]
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), READ_S)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    async def _listen(self, child: dict[str, Any]) -> None:
        process = child["process"]
        while data := await process.stdout.read(MOST_BYTES):
            child["unread"] += data
            child["news"].set()
            while len(child["unread"]) > MOST_UNREAD:
                child["room"].clear()
                await child["room"].wait()
        code = await process.wait()
        await asyncio.wait([child["tasks"][1]], timeout=READ_S)
        child["end"] = f"was ended by signal {-code}" if code < 0 else f"left with exit code {code}"
        child["news"].set()

    async def _keep_words(self, child: dict[str, Any]) -> None:
        while data := await child["process"].stderr.read(4096):
            child["words"] = (child["words"] + data)[-4000:]

    def _own_folder(self) -> str:
        """The first folder that no other supervisor has: nodes may share a machine, and machines a home."""
        if self._lock is None:
            cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(
                os.path.expanduser("~"), ".cache"
            )
            base = os.path.join(cache, "prewarm", "nodes")
            os.makedirs(base, mode=0o700, exist_ok=True)
            number = 0
            while self._lock is None:
                self._folder = os.path.join(base, f"ray-{socket.gethostname()}-{number}")
                descriptor = os.open(
                    self._folder + ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
                )
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._lock = descriptor
                except OSError:
                    os.close(descriptor)
                    number += 1
        return self._folder

    async def _keep(self) -> None:
        """Ends node sides that nobody reads, and this process when it is idle or Ray has gone from the node."""
        import ray

        loop = asyncio.get_running_loop()
        while self._children or loop.time() - self._used_at < self._ttl_s:
            await asyncio.sleep(min(1.0, self._ttl_s))
            if os.getppid() != self._parent:
                # The ends of their inputs tell the node sides. Ray's own worker takes half a minute to notice.
                os._exit(1)
            for connection, child in list(self._children.items()):
                if loop.time() - child["read_at"] > UNREAD_S:
                    del self._children[connection]
                    await self._end(child)
        ray.kill(ray.get_runtime_context().current_actor)
