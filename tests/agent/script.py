"""Runs a script in a Python of its own, for what would change the process that runs these tests."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

AGENT = Path(__file__).parents[2] / "agent"

_HEAD = """
import json, os, sys
sys.path.insert(0, {agent!r})
told = {{}}
{body}
with open({answer!r}, "w") as file:
    json.dump(told, file)
"""


def run_script(body: str, folder: Path | None = None) -> dict[str, Any]:
    """What the script has put into the dictionary `told` of its last process; fails where it fails."""
    with tempfile.TemporaryDirectory(prefix="pw-") as own:
        answer = Path(own) / "told.json"
        text = _HEAD.format(agent=str(AGENT), body=textwrap.dedent(body), answer=str(answer))
        words = [sys.executable, "-c", text]
        done = subprocess.run(words, cwd=folder or own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(answer.read_text())
        return found
