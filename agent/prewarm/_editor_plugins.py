"""What editors' pytest plugins keep from their start, and each run has anew. PYTEST_DONT_REWRITE

Runs in trunk and leader. An editor names another pipe for the results of each run; its plugin reads the name when it is
imported. Nothing of these programs is here: only the names under which they keep it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

#: VS Code's plugin, and the variable with the pipe that its results go to.
_VSCODE = "vscode_pytest"
_VSCODE_PIPE = "TEST_RUN_PIPE"
#: The script with which VS Code starts runs of chosen tests.
_VSCODE_SCRIPT = os.path.join(_VSCODE, "run_pytest_script.py")


def is_renewed(variable: str, reader: str) -> bool:
    """Whether what this module has read from this variable is set anew in each run: then its value does not make a trunk."""
    return variable == _VSCODE_PIPE and reader == _VSCODE


def renew(args: Sequence[str]) -> None:
    """In a leader that has its requester's environment: what the plugins would have read and decided in a cold run."""
    plugin: Any = sys.modules.get(_VSCODE)
    if plugin is None:
        return
    plugin.TEST_RUN_PIPE = os.environ.get(_VSCODE_PIPE)
    if hasattr(plugin, "IS_DISCOVERY"):
        plugin.IS_DISCOVERY = "--collect-only" in args


def is_vscode_script(script: str) -> bool:
    """Whether this is the script with which VS Code starts pytest."""
    return script.endswith(os.sep + _VSCODE_SCRIPT)


def become_vscode_script(script: str) -> None:
    """Makes `sys.path` what it is when that script calls pytest; the working directory is in front already."""
    folder = os.path.dirname(os.path.realpath(script))
    above = os.path.dirname(folder)
    sys.path.insert(1, folder)
    sys.path += [above, os.path.join(above, "lib", "python"), above]
