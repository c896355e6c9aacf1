"""Logging of the whole application: one line an event, fields as key=value."""

from __future__ import annotations

import logging


def get_logger(area: str) -> logging.Logger:
    return logging.getLogger(f"shop.{area}")


def fields(**values: object) -> str:
    """`order=SO-7 total='19,00 EUR'`: values with blanks are quoted."""
    return " ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def _quoted(value: object) -> str:
    text = str(value)
    return repr(text) if " " in text or not text else text
