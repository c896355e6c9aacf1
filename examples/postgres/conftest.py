"""A PostgreSQL server that is started once, for all workers of all runs, and a database of its own for each worker."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import prewarm
import pytest

# Debian's programs, where they are not on PATH.
os.environ["PATH"] += (
    ":/usr/lib/postgresql/15/bin:/usr/lib/postgresql/16/bin:/usr/lib/postgresql/17/bin"
)


def psql(server, database, text):
    address = ["-h", server["host"], "-p", str(server["port"]), "-U", "postgres", "-d", database]
    done = subprocess.run(
        ["psql", *address, "-Atc", text], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@prewarm.fixture(scope="warm", check=lambda server: psql(server, "postgres", "select 1") == "1")
def postgres():
    log("started")
    folder = tempfile.mkdtemp(prefix="shop-postgres-")
    # PostgreSQL does not run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")

    def run(*words):
        subprocess.run([*user, *words], check=True, stdout=subprocess.DEVNULL, cwd="/")

    data = f"{folder}/data"
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
    yield {"host": "127.0.0.1", "port": port}
    run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)
    log("stopped")


@pytest.fixture(scope="session")
def database(postgres, request):
    """An empty database of this worker's own: its name comes from the process."""
    name = f"worker_{os.getpid()}"
    psql(postgres, "postgres", f"create database {name}")
    yield lambda text: psql(postgres, name, text)
    psql(postgres, "postgres", f"drop database {name}")


def log(line):
    with Path(__file__).with_name("server.log").open("a") as file:
        file.write(f"{line}\n")
