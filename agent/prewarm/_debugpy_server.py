"""The debug server of a run that is asked for one: debugpy of the program's environment, opened before the first test.

Runs in the leader. Its threads and its adapter process end with the run.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from prewarm._preamble import write_all

#: Exit code of what cannot be had here, as in `src/protocol/errors.ts`.
_UNAVAILABLE = 69

_HOST = "127.0.0.1"
_NO_WARNING = "PYDEVD_DISABLE_FILE_VALIDATION"


def open_server(wish: dict[str, Any]) -> int | None:
    """Listens on the port that is wished for (0: a free one), and says so; waits for an editor where that is wished for.

    Returns an exit code where there is no debug server, after saying why.
    """
    # It warns of modules that Python has frozen, which nobody here steps through.
    has_set = _NO_WARNING not in os.environ
    os.environ.setdefault(_NO_WARNING, "1")
    try:
        import debugpy  # type: ignore[import-not-found, unused-ignore]

        host, port = debugpy.listen((_HOST, wish["port"]))
    except ImportError:
        return _fail(
            f"{sys.executable} cannot import debugpy.", f"{sys.executable} -m pip install debugpy"
        )
    except Exception as error:
        sentence = f"debugpy does not listen on {_HOST}:{wish['port']} ({error})."
        return _fail(sentence, "prewarm run --debugpy=0 -- pytest      (a free port)")
    finally:
        if has_set:
            del os.environ[_NO_WARNING]
    what = "waits for an editor" if wish["wait"] else "listens"
    _say(f"prewarm: debugpy {what} on {host}:{port}")
    if wish["wait"]:
        debugpy.wait_for_client()
    return None


def _fail(sentence: str, next_step: str) -> int:
    _say(f"prewarm: error[no-debugpy] {sentence}\n   next: {next_step}")
    return _UNAVAILABLE


def _say(text: str) -> None:
    write_all(2, f"{text}\n".encode("utf-8", "backslashreplace"))
