"""Prints what an interpreter is and what is installed for it, as JSON.

Runs in a process of its own, started by the daemon at home and by a node side: the two are compared before tests run on a node.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from importlib import metadata


def main() -> None:
    """One object: interpreter, platform, and the version of each distribution that is found first on the path."""
    packages: dict[str, str] = {}
    for found in metadata.distributions():
        name = found.metadata["Name"]
        if name:
            packages.setdefault(re.sub(r"[-_.]+", "-", name).lower(), found.version or "")
    version = ".".join(map(str, sys.version_info[:3]))
    facts = {
        "python": f"{sys.implementation.name} {version}",
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": packages,
    }
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
