"""Start of a trunk: the daemon runs `python agent/prewarm SOCKET PROCESS_ID`; of a source reader with `reader` behind it.

Runs in such a process only. The package is loaded without putting its folder on
`sys.path`, so that the program under test sees the path of a plain start.
"""

from __future__ import annotations

import sys


def _load_package() -> None:
    import importlib.util
    import os

    folder = os.path.dirname(os.path.abspath(__file__))
    # Python put the agent's own folder in front; a plain `pytest` has another entry there.
    # Isolated, or with a safe path, it has put nothing there.
    if sys.path[0] == folder:
        sys.path.pop(0)
    spec = importlib.util.spec_from_file_location(
        "prewarm", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["prewarm"] = package
    spec.loader.exec_module(package)


_load_package()

if sys.argv[3:] == ["reader"]:
    from prewarm import _source_reader

    _source_reader.main(socket_path=sys.argv[1], process_id=sys.argv[2])
else:
    from prewarm import _trunk

    _trunk.main(socket_path=sys.argv[1], process_id=sys.argv[2])
