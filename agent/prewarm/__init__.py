"""prewarm: a resident warm test server for Python.

The package is what has to live inside the interpreter; everything else is TypeScript.
"""

from __future__ import annotations

__version__ = "0.1.0"
