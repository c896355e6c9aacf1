"""Names as parts of a web address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "&": " and "})


def slugify(name: str, limit: int = 60) -> str:
    """`Earl Grey & Blüten` becomes `earl-grey-and-blueten`; cut at a word where it is too long."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELLED))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    while len(words) > 1 and len("-".join(words)) > limit:
        words.pop()
    return "-".join(words)[:limit]


def unique_slug(name: str, taken: Collection[str]) -> str:
    """The slug, with -2, -3 … where it is taken."""
    base = slugify(name)
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    return slug
