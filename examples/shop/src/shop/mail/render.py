"""Mail texts from jinja2 templates: the first line of a template is its subject."""

from __future__ import annotations

from datetime import date, datetime
from typing import Union

from jinja2 import Environment, PackageLoader, StrictUndefined

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_date(day: Union[date, datetime]) -> str:
    """`3 March 2024`, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def right(value: object, width: int) -> str:
    return str(value).rjust(width)


def make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("shop.mail"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["long_date"] = long_date
    environment.filters["right"] = right
    return environment


ENVIRONMENT = make_environment()


def render(template: str, **values: object) -> tuple[str, str]:
    """Subject and body; raises jinja2.UndefinedError for a value that is missing."""
    text = ENVIRONMENT.get_template(f"{template}.txt").render(**values)
    subject, _, body = text.partition("\n")
    return subject.strip(), body.lstrip("\n")
