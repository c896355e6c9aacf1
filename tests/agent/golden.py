"""The golden messages of the contract, for the tests of this side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "contract" / "messages"

Message = dict[str, Any]


def examples(direction: str) -> list[Message]:
    """The examples of one direction: orders, agent-messages, requests or answers."""
    text = (FOLDER / f"{direction}.json").read_text(encoding="utf-8")
    found: list[Message] = json.loads(text)
    return found
