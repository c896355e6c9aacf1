"""What a request works with: the database session of this request, and the services of the application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from shop.clock import Clock
from shop.mail.outbox import Outbox
from shop.services.payments import Gateway
from shop.settings import Settings

KEY = "shop"


@dataclass(frozen=True)
class Services:
    settings: Settings
    sessions: sessionmaker[Session]
    clock: Clock
    gateway: Gateway
    outbox: Outbox


def services() -> Services:
    found: Services = current_app.extensions[KEY]
    return found


def session() -> Session:
    """Opened on first use, committed at the end of a request that went well."""
    if "session" not in g:
        g.session = services().sessions()
    opened: Session = g.session
    return opened


def install(app: Flask, given: Services) -> None:
    app.extensions[KEY] = given
    app.teardown_appcontext(_close)


def _close(error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
