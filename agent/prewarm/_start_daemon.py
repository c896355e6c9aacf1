"""Finds the `prewarm` command, and lets it start the project's daemon. PYTEST_DONT_REWRITE

Runs in the client (`pytest --prewarm`) only, where no daemon runs or another version does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from prewarm._launchers import NotHere

_LONGEST_START_SECONDS = 60
_INSTALL = "pip install prewarm, npm install --save-dev prewarm, or PREWARM_BIN=PATH"


def start() -> None:
    """Starts the daemon of the working directory's project; raises NotHere where that fails."""
    command = find_command()
    # It costs the start of a warm run more than all that is done there.
    import subprocess

    try:
        done = subprocess.run(
            [command, "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_LONGEST_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotHere(f"{command} does not start ({error})", _INSTALL) from None
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines()]
        said = next((line for line in lines if line), f"it ended with {done.returncode}")
        hint = next((line[5:].strip() for line in lines if line.startswith("next:")), _INSTALL)
        raise NotHere(f"{command} start: {said}", hint)


def find_command() -> str:
    """The `prewarm` command: PREWARM_BIN, beside the interpreter, PATH, or `node_modules` of this folder or one above. Raises NotHere."""
    chosen = os.environ.get("PREWARM_BIN")
    if chosen:
        if _is_program(chosen):
            return os.path.abspath(chosen)
        raise NotHere(f"PREWARM_BIN names {chosen}, which is no program", _INSTALL)
    found = next(filter(_is_program, _candidates()), None)
    if found is None:
        raise NotHere("there is no `prewarm` command", _INSTALL)
    return found


def _candidates() -> Iterator[str]:
    # Installed with this very package, and so of its version; an editor's environment need not be on PATH.
    yield os.path.join(os.path.dirname(sys.executable), "prewarm")
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if folder:
            yield os.path.join(folder, "prewarm")
    folder = os.getcwd()
    while True:
        yield os.path.join(folder, "node_modules", ".bin", "prewarm")
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
