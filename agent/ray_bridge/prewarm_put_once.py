"""Lets nodes have large texts from Ray's object store: what several of them are told goes into it once, and once to each machine.

Runs in the bridge at home (`prewarm_ray.py`); it may import the standard library alone.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any, Callable

#: Ray passes smaller ones with the call itself, which is quicker.
LARGE_BYTES = 64 * 1024
#: So much is kept for nodes that have yet to be told it: each of them is sent a tree at its own pace.
MOST_KEPT_BYTES = 32 * 1024 * 1024


class PutOnce:
    """Replaces large data by a reference to it in the store. `put` takes bytes there."""

    def __init__(self, put: Callable[[bytes], Any], most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._put = put
        self._most_bytes = most_bytes
        #: References by the digest of what they refer to, with its size; the longest unused first. The store lets go of what is not in here.
        self._kept: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def refer(self, data: bytes) -> Any:
        """The data itself, or a reference that Ray turns into it where the call arrives."""
        if len(data) < LARGE_BYTES:
            return data
        digest = hashlib.sha256(data).digest()
        known = self._kept.pop(digest, None)
        if known is None:
            known = (self._put(data), len(data))
            self._bytes += len(data)
        self._kept[digest] = known
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, (_, size) = self._kept.popitem(last=False)
            self._bytes -= size
        return known[0]
