"""What an installation can choose, read once from environment variables that start with SHOP_."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shop.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    environment: str = "production"
    database_url: str = "sqlite:///shop.db"
    home_country: str = "DE"
    admin_token: str = ""
    page_size: int = 20
    mail_sender: str = "orders@leafandpot.example"

    @property
    def is_test(self) -> bool:
        return self.environment == "test"


def from_environ(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables; a variable that is missing or empty keeps its default."""
    defaults = Settings()
    return Settings(
        environment=environ.get("SHOP_ENV") or defaults.environment,
        database_url=environ.get("SHOP_DATABASE_URL") or defaults.database_url,
        home_country=(environ.get("SHOP_HOME_COUNTRY") or defaults.home_country).upper(),
        admin_token=environ.get("SHOP_ADMIN_TOKEN") or defaults.admin_token,
        page_size=_positive("SHOP_PAGE_SIZE", environ.get("SHOP_PAGE_SIZE"), defaults.page_size),
        mail_sender=environ.get("SHOP_MAIL_SENDER") or defaults.mail_sender,
    )


def _positive(name: str, text: str | None, default: int) -> int:
    if not text:
        return default
    if not text.isdigit() or int(text) == 0:
        raise SettingsError(f"Expected {name} to be a positive integer, got {text!r}.")
    return int(text)


SETTINGS = from_environ(os.environ)
