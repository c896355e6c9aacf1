import { score } from "./analysis.ts";
import { adjust } from "./core.ts";
import { CORE_NAMES, classNameOf, type GeneratedFile, SUBJECTS } from "./names.ts";
import { weight } from "./schema.ts";

const KINDS = ["pricing", "fulfilment", "audit"] as const;

/** What `heavyapp.services.<subject>_pricing.evaluate(number)` returns. */
export function evaluatePricing(subjectIndex: number, number: number): number {
  return adjust(coreIndexOf(subjectIndex, 0), weight(subjectIndex, number)) + score(subjectIndex, (number % 17) + 3);
}

/** The service layer: three modules a subject, on core, schema and analysis. */
export function serviceModules(): readonly GeneratedFile[] {
  return SUBJECTS.flatMap((subject, subjectIndex) =>
    KINDS.map((kind, kindIndex) => ({
      path: `heavyapp/services/${subject}_${kind}.py`,
      text: serviceText(subject, subjectIndex, kind, kindIndex),
    })),
  );
}

function coreIndexOf(subjectIndex: number, kindIndex: number): number {
  return ((subjectIndex + kindIndex * 5) % (CORE_NAMES.length - 1)) + 1;
}

function serviceText(subject: string, subjectIndex: number, kind: string, kindIndex: number): string {
  const core = CORE_NAMES[coreIndexOf(subjectIndex, kindIndex)] ?? "settings";
  const schema = `${subject}_${["record", "event", "summary"][kindIndex]}`;
  const analysis = `${subject}_${["trend", "forecast", "network"][kindIndex]}`;
  const name = `${classNameOf(subject)}${classNameOf(kind)}`;
  return `"""Service: the ${kind} of ${subject}."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass

from heavyapp.analysis import ${analysis} as analysis
from heavyapp.core import ${[...new Set([core, "events", "registry", "settings"])].sort().join(", ")}
from heavyapp.schema import ${schema} as schema

log = logging.getLogger(__name__)


@dataclass
class ${name}Result:
    number: int
    amount: int
    accepted: bool = True


class ${name}:
    """Keeps the results that were worked out, at most as many as the settings allow."""

    def __init__(self) -> None:
        self._results: dict[int, ${name}Result] = {}
        self.seen: Counter[str] = Counter()

    def submit(self, number: int) -> ${name}Result:
        result = ${name}Result(number, evaluate(number), number <= settings.MAX_ITEMS)
        self._results[number] = result
        self.seen[result.accepted and "accepted" or "refused"] += 1
        log.debug("submitted %s", number)
        return result

    def total(self) -> int:
        return sum(result.amount for result in self._results.values())


def evaluate(number: int) -> int:
    """The amount of one item."""
    return ${core}.adjust(schema.weight(schema.sample(number))) + analysis.score(number % 17 + 3)


def evaluate_all(numbers: list[int]) -> list[int]:
    """The amounts of many items, each looked up on its own."""
    return [events.adjust(registry.adjust(evaluate(number))) for number in numbers]
`;
}
