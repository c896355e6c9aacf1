import { classNameOf, type GeneratedFile, SUBJECTS } from "./names.ts";

const KINDS = ["record", "event", "summary"] as const;

/** What `heavyapp.schema.<subject>_record.weight(sample(number))` returns. */
export function weight(subjectIndex: number, number: number): number {
  const subject = SUBJECTS[subjectIndex] ?? "";
  return number * (subjectIndex + 2) + `${subject}-record-${number}`.length;
}

/** The schema layer: three modules a subject with nested pydantic models and a dataclass. */
export function schemaModules(): readonly GeneratedFile[] {
  return SUBJECTS.flatMap((subject, subjectIndex) =>
    KINDS.map((kind, kindIndex) => ({
      path: `heavyapp/schema/${subject}_${kind}.py`,
      text: schemaText(subject, subjectIndex, kind, kindIndex),
    })),
  );
}

function schemaText(subject: string, subjectIndex: number, kind: (typeof KINDS)[number], kindIndex: number): string {
  const name = `${classNameOf(subject)}${classNameOf(kind)}`;
  const before = kindIndex === 0 ? undefined : `${classNameOf(subject)}${classNameOf(KINDS[kindIndex - 1] ?? "")}`;
  const nested = before === undefined ? "" : `    origin: ${before} | None = None\n`;
  const nestedImport =
    before === undefined ? "" : `from heavyapp.schema.${subject}_${KINDS[kindIndex - 1]} import ${before}\n`;
  return `"""Schema: the ${kind} of ${subject}."""

from __future__ import annotations

import datetime
import decimal
import typing
from dataclasses import dataclass

import pydantic

from heavyapp.core import limits, money, settings
${nestedImport}

class ${name}Line(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    sku: str = pydantic.Field(min_length=1, max_length=${20 + subjectIndex})
    quantity: int = pydantic.Field(default=1, ge=0, le=settings.MAX_ITEMS * 1000)
    price: decimal.Decimal = decimal.Decimal("${subjectIndex + 1}.50")
    tags: tuple[str, ...] = ()


class ${name}(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", validate_assignment=True)

    number: int = pydantic.Field(ge=0)
    label: str = pydantic.Field(pattern=r"^[a-z]+-[a-z]+-[0-9]+$")
    status: typing.Literal["new", "open", "closed", "void"] = "new"
    created: datetime.datetime = datetime.datetime(2024, ${(subjectIndex % 12) + 1}, ${kindIndex + 1}, tzinfo=datetime.timezone.utc)
    lines: list[${name}Line] = pydantic.Field(default_factory=list)
    attributes: dict[str, int | float | str | None] = pydantic.Field(default_factory=dict)
    owner: typing.Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=80)] | None = None
${nested}
    @pydantic.field_validator("label")
    @classmethod
    def _label_is_lower(cls, value: str) -> str:
        if value != value.lower():
            raise ValueError("a label is in lower case")
        return value

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def line_count(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class ${name}Key:
    number: int
    region: str = "${kind}"
    shard: int = ${subjectIndex}


MANY = pydantic.TypeAdapter(list[${name}])


def sample(number: int) -> ${name}:
    """A valid ${kind} with two lines."""
    lines = [${name}Line(sku="a", quantity=number), ${name}Line(sku="b")]
    return ${name}(number=number, label=f"${subject}-${kind}-{number}", lines=lines)


def weight(${kind}: ${name}) -> int:
    """How much the ${kind} counts when it is ranked."""
    return ${kind}.number * ${subjectIndex + 2} + len(${kind}.label)


def scaled(${kind}: ${name}) -> int:
    """The weight on the scale of money, within the limits."""
    return limits.adjust(money.adjust(weight(${kind})))
`;
}
