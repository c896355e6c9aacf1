"""Carries the bytes of all nodes of a Ray cluster over one pair of streams.

Runs in a process of its own at home, started by `src/worker/transports/ray.ts` with the project's interpreter; it may import the standard
library and ray alone. On each node it has a detached actor, `prewarm_supervisor.Supervisor`.

On the streams, each frame is four bytes of length, four bytes of a node's number (both big-endian), then bytes: those that the node side
says or is told. Number 0 is the bridge's own: JSON. From here: `node` (number, name), `ended` (number, how, lastWords), `problem` (code,
sentence, next), `settled`. To here: `close` (number).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import re
import socket
import struct
import sys
import tempfile
import threading
from typing import Any

import prewarm_supervisor
from prewarm_put_once import PutOnce

HEADER = struct.Struct(">II")
#: A node that comes later is seen after so many seconds.
LOOK_EVERY_S = 1.0
#: How long a node may take to start its supervisor: Ray starts a Python process there.
START_S = 120.0
#: How long nodes are waited for at the end.
END_S = 5.0
NAMESPACE = "prewarm"


class Bridge:
    """Finds the nodes of a cluster, and passes bytes between their supervisors and home."""

    def __init__(self, output: int, words: list[str], name: str, ttl_s: float) -> None:
        self._output = output
        self._words = words
        self._name = name
        self._ttl_s = ttl_s
        self._streams: dict[int, dict[str, Any]] = {}
        self._known: set[str] = set()
        self._tasks: set[Any] = set()
        self._store: PutOnce | None = None

    async def run(self, ray: Any) -> None:
        self._store = PutOnce(ray.put)
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        threading.Thread(target=self._read_input, args=(loop, ended), daemon=True).start()
        first = [self._serve(ray, node) for node in self._new_nodes(ray)]
        await asyncio.gather(*first)
        self._tell({"type": "settled"})
        while not ended.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK_EVERY_S)
            for node in self._new_nodes(ray):
                self._do(self._serve(ray, node))
        closing = [
            stream["actor"].close.remote(stream["connection"])
            for stream in self._streams.values()
            if stream["actor"]
        ]
        if closing:
            await asyncio.wait(
                [asyncio.ensure_future(_settle(each)) for each in closing], timeout=END_S
            )

    def _new_nodes(self, ray: Any) -> list[dict[str, Any]]:
        found = [
            node for node in ray.nodes() if node["Alive"] and node["NodeID"] not in self._known
        ]
        self._known.update(node["NodeID"] for node in found)
        return sorted(found, key=lambda node: str(node["NodeID"]))

    async def _serve(self, ray: Any, node: dict[str, Any]) -> None:
        """Opens a stream to one node; returns when it is open or cannot be."""
        identity = node["NodeID"]
        name = f"{node['NodeManagerHostname']}-{identity[:8]}"
        try:
            strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                identity, soft=False
            )
            options = {
                "name": f"{self._name}-{identity[:16]}",
                "namespace": NAMESPACE,
                "lifetime": "detached",
                "get_if_exists": True,
                "num_cpus": 0,
                "max_restarts": 0,
                "scheduling_strategy": strategy,
            }
            actor = (
                ray.remote(prewarm_supervisor.Supervisor)
                .options(**options)
                .remote(self._words, self._ttl_s)
            )
            connection = await asyncio.wait_for(_settle(actor.open.remote()), START_S)
        except Exception as error:
            sentence = f"The node {name} did not start a supervisor: {_first_line(error)}."
            self._tell(
                {
                    "type": "problem",
                    "code": "node-unreachable",
                    "sentence": sentence,
                    "next": "ray status",
                }
            )
            return
        number = len(self._streams) + 1
        self._streams[number] = {"actor": actor, "connection": connection, "written": 0}
        self._tell({"type": "node", "number": number, "name": name})
        self._do(self._pass_on(number, actor, connection))

    async def _pass_on(self, number: int, actor: Any, connection: int) -> None:
        words = ""
        try:
            while True:
                data, end, words = await actor.read.remote(connection)
                if data:
                    self._write(number, data)
                if end is not None:
                    break
        except Exception as error:
            end = f"was lost with its node ({type(error).__name__})"
        self._streams[number]["actor"] = None
        self._tell({"type": "ended", "number": number, "how": end, "lastWords": words})

    def _read_input(self, loop: Any, ended: Any) -> None:
        source = sys.stdin.buffer
        while len(header := source.read(HEADER.size)) == HEADER.size:
            length, number = HEADER.unpack(header)
            data = source.read(length)
            loop.call_soon_threadsafe(self._take, number, data)
        loop.call_soon_threadsafe(ended.set)

    def _take(self, number: int, data: bytes) -> None:
        message: dict[str, Any] = {} if number else json.loads(data)
        stream = self._streams.get(number or message["number"])
        if stream is None or stream["actor"] is None:
            return
        actor, connection = stream["actor"], stream["connection"]
        if message:
            self._do(_settle(actor.close.remote(connection)))
            return
        told = data if self._store is None else self._store.refer(data)
        self._do(_settle(actor.write.remote(connection, stream["written"], told)))
        stream["written"] += 1

    def _do(self, what: Any) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: Any) -> None:
        self._tasks.discard(task)
        # That a node was lost is told by what is read from it.
        if not task.cancelled():
            task.exception()

    def _tell(self, message: dict[str, Any]) -> None:
        self._write(0, json.dumps(message).encode())

    def _write(self, number: int, data: bytes) -> None:
        left = memoryview(HEADER.pack(len(data), number) + data)
        while left:
            left = left[os.write(self._output, left) :]


async def _settle(reference: Any) -> Any:
    return await reference


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _is_loopback(address: str) -> bool:
    """Whether the cluster to join, or the one that is started where there is none, has this machine's own address only."""
    if not address:
        address = os.environ.get("RAY_ADDRESS", "")
    if not address:
        try:
            with open(os.path.join(tempfile.gettempdir(), "ray", "ray_current_cluster")) as file:
                address = file.read()
        except OSError:
            return True
    return address.startswith(("127.", "localhost:"))


def _answers() -> bool:
    """Whether the cluster that is noted as this machine's is there: Ray tries for most of a minute to reach one that has gone."""
    if os.environ.get("RAY_ADDRESS"):
        return True
    try:
        with open(os.path.join(tempfile.gettempdir(), "ray", "ray_current_cluster")) as file:
            host, _, port = file.read().strip().rpartition(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        return True
    except (OSError, ValueError):
        return False


def _join(ray: Any, address: str) -> bool:
    """Joins the cluster; returns whether it was started here."""
    common: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "error",
        "namespace": NAMESPACE,
    }
    try:
        if not address and not _answers():
            raise ConnectionError
        ray.init(address=address or "auto", **common)
        return False
    except ConnectionError:
        if address:
            raise
    # Nobody else is to reach it: a Ray cluster does what it is told by whoever can connect.
    ray.init(
        address="local",
        include_dashboard=False,
        _node_ip_address="127.0.0.1",
        object_store_memory=80 * 1024 * 1024,
        num_cpus=1,
        **common,
    )
    return True


def main() -> int:
    """Serves until the standard input ends."""
    # Libraries print: the stream is for frames alone.
    output = os.dup(1)
    os.dup2(2, 1)
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="")
    parser.add_argument("--name", required=True)
    parser.add_argument("--words", required=True)
    parser.add_argument("--ttl", type=float, required=True)
    options = parser.parse_args()
    # One that another version has left goes on under another name, until it is idle.
    with open(prewarm_supervisor.__file__, "rb") as file:
        name = f"{options.name}-{hashlib.sha256(file.read()).hexdigest()[:8]}"
    bridge = Bridge(output, json.loads(options.words), name, options.ttl)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Otherwise Ray looks for a cluster of this machine alone at the machine's address in the network.
    if _is_loopback(options.address):
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")

    def refuse(code: str, sentence: str, next_step: str) -> int:
        bridge._tell({"type": "problem", "code": code, "sentence": sentence, "next": next_step})
        bridge._tell({"type": "settled"})
        return 1

    try:
        import ray
        import ray.cloudpickle
        import ray.util.scheduling_strategies

        # The nodes have no such file.
        ray.cloudpickle.register_pickle_by_value(prewarm_supervisor)
    except ImportError as error:
        sentence = f"{sys.executable} cannot import ray ({_first_line(error)})."
        return refuse("no-ray", sentence, f'{sys.executable} -m pip install "prewarm[ray]"')
    try:
        _join(ray, options.address)
    except RuntimeError as error:
        theirs = re.search(r"cluster was started with:\s+Ray: (\S+)\s+Python: (\S+)", str(error))
        if theirs is None:
            return refuse(
                "node-unreachable", f"Ray did not start: {_first_line(error)}.", "ray status"
            )
        own = f"Ray {ray.__version__} and Python {sys.version.split()[0]}"
        sentence = f"The cluster has Ray {theirs[1]} and Python {theirs[2]}, and {sys.executable} has {own}."
        return refuse(
            "ray-differs", sentence, f'{sys.executable} -m pip install "ray=={theirs[1]}"'
        )
    except Exception as error:
        where = options.address or "this machine"
        return refuse(
            "node-unreachable",
            f"No Ray cluster answers at {where}: {_first_line(error)}.",
            "ray status",
        )
    try:
        asyncio.run(bridge.run(ray))
    finally:
        ray.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
