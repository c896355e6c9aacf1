"""prewarm: a resident warm test server for Python. PYTEST_DONT_REWRITE

The package is what has to live inside the interpreter; everything else is TypeScript. pytest looks for the word above in
every package that brings a plugin: assertions of ours are none of the program's.
"""

from __future__ import annotations

__version__ = "0.1.0"
