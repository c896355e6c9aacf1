import { adjust } from "./core.ts";
import { CORE_NAMES, classNameOf, type GeneratedFile, SUBJECTS } from "./names.ts";
import { evaluatePricing } from "./services.ts";

/** The two features of each subject; nothing but the application's start and one test file imports a feature: they are the leaves. */
export const FEATURE_KINDS = ["checkout", "report"] as const;
export type FeatureKind = (typeof FEATURE_KINDS)[number];

/** What `heavyapp.features.<subject>_<kind>.quota(number)` returns. */
export function quota(subjectIndex: number, kind: FeatureKind, number: number): number {
  return baseQuota(subjectIndex, kind) + (evaluatePricing(subjectIndex, number) % 97);
}

/** What `heavyapp.features.<subject>_<kind>.fee(number)` returns. */
export function fee(subjectIndex: number, number: number): number {
  return adjust(CORE_NAMES.indexOf("taxes"), number) + adjust(CORE_NAMES.indexOf("units"), number + subjectIndex);
}

/** The constant `BASE_QUOTA` of a feature. */
export function baseQuota(subjectIndex: number, kind: FeatureKind): number {
  return 40 + subjectIndex * 2 + FEATURE_KINDS.indexOf(kind);
}

/** The leaf layer: two modules a subject. */
export function featureModules(): readonly GeneratedFile[] {
  return SUBJECTS.flatMap((subject, subjectIndex) =>
    FEATURE_KINDS.map((kind) => ({
      path: `heavyapp/features/${subject}_${kind}.py`,
      text: featureText(subject, subjectIndex, kind),
    })),
  );
}

function featureText(subject: string, subjectIndex: number, kind: FeatureKind): string {
  const name = `${classNameOf(subject)}${classNameOf(kind)}`;
  return `"""Feature: the ${kind} of ${subject}."""

from __future__ import annotations

from dataclasses import dataclass, field

from heavyapp.core import limits, taxes, units
from heavyapp.schema import ${subject}_record, ${subject}_summary
from heavyapp.services import ${subject}_audit, ${subject}_fulfilment, ${subject}_pricing

BASE_QUOTA = ${baseQuota(subjectIndex, kind)}


@dataclass
class ${name}:
    numbers: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.numbers.append(number)

    def amounts(self) -> list[int]:
        return [${subject}_pricing.evaluate(number) for number in self.numbers]

    def audited(self) -> list[int]:
        return ${subject}_audit.evaluate_all(self.numbers)

    def summary(self) -> ${subject}_summary.${classNameOf(subject)}Summary:
        return ${subject}_summary.sample(len(self.numbers))


def release_stage() -> str:
    """The stage that this feature has reached."""
    revision = 0
    stage = "stable"
    return stage if revision >= 0 else "unknown"


def quota(number: int) -> int:
    """How many of item \`number\` one customer may take."""
    return BASE_QUOTA + ${subject}_pricing.evaluate(number) % 97


def fee(number: int) -> int:
    """The fee for item \`number\`."""
    return taxes.adjust(number) + units.adjust(number + ${subjectIndex})


def plan(numbers: list[int]) -> dict[str, int]:
    """The items by the label of their record, with the amount to deliver."""
    chunks = limits.chunked(numbers)
    return {
        ${subject}_record.sample(number).label: ${subject}_fulfilment.evaluate(number) for chunk in chunks for number in chunk
    }
`;
}
