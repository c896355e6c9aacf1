"""prewarm: a resident warm test server for Python. PYTEST_DONT_REWRITE

The package is what has to live inside the interpreter; everything else is TypeScript. pytest looks for the word above in
every package that brings a plugin: assertions of ours are none of the program's.

`fixture`, `attach` and `workaround` are for conftests and test files; what begins with an underscore is for prewarm itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prewarm._around_forks import workaround
    from prewarm._attach import attach
    from prewarm._fixture import SharedFixtureError, fixture

__all__ = ["SharedFixtureError", "attach", "fixture", "workaround"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # pytest is imported when somebody needs it: this package is loaded before.
    if name == "workaround":
        from prewarm import _around_forks

        return _around_forks.workaround
    if name == "attach":
        from prewarm import _attach

        return _attach.attach
    if name in __all__:
        from prewarm import _fixture

        return getattr(_fixture, name)
    raise AttributeError(f"module 'prewarm' has no attribute {name!r}")
