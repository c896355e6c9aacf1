"""The least that a restart of a server after an edit can take: a fork before the edited module, the import of what follows, one answer.

Called as `command-limit.py ROUNDS MODULE PORT ARGS`: runs `flask ARGS` up to the import of MODULE, forks there for each round, and prints milliseconds from the
fork to the first answer, one line a round.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time

ROUNDS, MODULE, PORT = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.argv = ["flask", *sys.argv[4:]]
sys.path[0] = os.getcwd()


class Cut:
    """In front of all finders: forks where the module is imported first."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == MODULE:
            sys.meta_path.remove(self)  # type: ignore[arg-type]
            measure()


def measure() -> None:
    """Returns in each child; the parent ends when it has seen them all answer."""
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        child = os.fork()
        if child == 0:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            return
        while not answers():
            time.sleep(0.0005)
        print(f"{(time.perf_counter() - begun) * 1000:.3f}", flush=True)
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
    os._exit(0)


def answers() -> bool:
    """Whether a request is answered."""
    try:
        with socket.create_connection(("127.0.0.1", PORT)) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(100)
    except OSError:
        return False


sys.meta_path.insert(0, Cut())  # type: ignore[arg-type]
from flask.cli import main  # noqa: E402

main()
