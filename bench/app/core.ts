import { CORE_NAMES, type GeneratedFile } from "./names.ts";

const MODULUS = 10_007;

/** What the Python function `heavyapp.core.<name>.adjust` returns, computed here so that tests can state the expected value. */
export function adjust(coreIndex: number, value: number): number {
  return (value * factorOf(coreIndex) + offsetOf(coreIndex)) % MODULUS;
}

/** The value of the constant `heavyapp.core.settings.MAX_ITEMS`. */
export const MAX_ITEMS = 500;

/** The core layer: 24 modules, each of which imports the ones before it that it needs. */
export function coreModules(): readonly GeneratedFile[] {
  return CORE_NAMES.map((name, index) => ({ path: `heavyapp/core/${name}.py`, text: coreText(name, index) }));
}

function factorOf(coreIndex: number): number {
  return 3 + coreIndex * 2;
}

function offsetOf(coreIndex: number): number {
  return 11 + coreIndex * 7;
}

function coreText(name: string, index: number): string {
  const imports =
    index === 0 ? "" : `\nfrom heavyapp.core import ${[...new Set(["settings", CORE_NAMES[index - 1]])].join(", ")}\n`;
  return `"""Core: ${name}."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
${imports}
FACTOR = ${factorOf(index)}
OFFSET = ${offsetOf(index)}
MODULUS = ${MODULUS}
PATTERN = re.compile(r"^(?P<prefix>${name}[a-z_]{2,12})-(?P<number>[0-9]{1,9})(?:/(?P<part>[a-f0-9]{2,${8 + index}}))?$")
${index === 0 ? settingsText() : ""}

class ${className(name)}State(enum.Enum):
    NEW = "new"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True)
class ${className(name)}Options:
    label: str = "${name}"
    size: int = ${index + 4}
    state: ${className(name)}State = ${className(name)}State.NEW
    notes: tuple[str, ...] = field(default_factory=tuple)


class ${className(name)}Problem(Exception):
    """A value that ${name} cannot accept."""

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(f"expected {expected}, got {value!r}")
        self.value = value


def adjust(value: int) -> int:
    """The value on the scale of ${name}, from 0 up to the modulus."""
    return (value * FACTOR + OFFSET) % MODULUS


def parse(text: str) -> tuple[str, int]:
    """The prefix and the number of a reference."""
    match = PATTERN.match(text)
    if match is None:
        raise ${className(name)}Problem(text, "a reference of ${name}")
    return match["prefix"], int(match["number"])


def chunked(values: list[int], size: int = ${index + 2}) -> list[list[int]]:
    """The values in lists of at most \`size\`."""
    if size < 1:
        raise ${className(name)}Problem(size, "a positive size")
    return [values[start : start + size] for start in range(0, len(values), size)]
`;
}

function settingsText(): string {
  return `MAX_ITEMS = ${MAX_ITEMS}


def release_channel() -> str:
    """The channel that this build is delivered on."""
    revision = 0
    channel = "stable"
    return channel if revision >= 0 else "unknown"

`;
}

function className(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
