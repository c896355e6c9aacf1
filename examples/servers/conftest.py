"""Redis and an application server that uses it: both are started once, for all workers of all runs."""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import prewarm
import pytest
from app import ask_redis

HERE = Path(__file__).parent


def get(port, path):
    address = f"http://127.0.0.1:{port}/{path}"
    return urllib.request.urlopen(address, timeout=10).read().decode()


@prewarm.fixture(scope="warm", check=lambda port: ask_redis(port, "PING") == "+PONG")
def redis():
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = ["redis-server", "--port", str(port), "--dir", folder, "--save", ""]
        yield from serve("redis", words, port, lambda: ask_redis(port, "PING"))


# It is a program of its own: the file that it is made of has to be named.
@prewarm.fixture(scope="warm", check=lambda port: get(port, "health"), inputs=["app.py"])
def app(redis):
    port = free_port()
    words = [sys.executable, str(HERE / "app.py"), str(port), str(redis)]
    yield from serve("app", words, port, lambda: get(port, "health"))


@pytest.fixture
def page(app, request):
    """A page of this test's own, so that tests can run beside each other and again."""
    name = f"{request.node.name}-{time.monotonic_ns()}"
    return lambda: get(app, name)


def serve(name, words, port, is_up):
    log = HERE / f"{name}.log"
    # Shown with each failure of a test that uses the server.
    prewarm.attach(f"log of {name}", log)
    note(f"{name} started")
    with log.open("wb") as file:
        server = subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_until(is_up, server)
        yield port
    finally:
        server.terminate()
        server.wait()
        note(f"{name} stopped")


def wait_until(is_up, server):
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        try:
            is_up()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server does not answer")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def note(line):
    with (HERE / "servers.log").open("a") as file:
        file.write(f"{line}\n")
