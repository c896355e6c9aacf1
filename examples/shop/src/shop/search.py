"""A small full-text search for the product list of the back office."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from shop.slugs import slugify

Key = TypeVar("Key", bound=Hashable)

STOP_WORDS = frozenset({"a", "and", "for", "in", "of", "the", "with"})


def words_of(text: str) -> list[str]:
    """Lower-case words without accents, stop words and plural s."""
    words = re.split("-", slugify(text, limit=10_000))
    return [_singular(word) for word in words if word and word not in STOP_WORDS]


class Index(Generic[Key]):
    def __init__(self, documents: Iterable[tuple[Key, str]] = ()) -> None:
        self._counts: dict[str, Counter[Key]] = defaultdict(Counter)
        for key, text in documents:
            self.add(key, text)

    def add(self, key: Key, text: str) -> None:
        for word in words_of(text):
            self._counts[word][key] += 1

    def find(self, query: str) -> list[Key]:
        """Documents that have every word of the query, or one that begins with it; best first."""
        words = words_of(query)
        if not words:
            return []
        scores = [self._score(word) for word in words]
        common = set(scores[0]).intersection(*scores[1:])
        return sorted(common, key=lambda key: (-sum(score[key] for score in scores), str(key)))

    def _score(self, prefix: str) -> Counter[Key]:
        found: Counter[Key] = Counter()
        for word, counts in self._counts.items():
            if word.startswith(prefix):
                weight = 2 if word == prefix else 1
                for key, count in counts.items():
                    found[key] += count * weight
        return found


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
