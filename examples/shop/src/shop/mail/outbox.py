"""Where mails go: kept in memory, or one .eml file each for the mail server to pick up."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol


class Outbox(Protocol):
    def send(self, message: EmailMessage) -> None: ...


class MemoryOutbox:
    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.messages.append(message)


class FolderOutbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in self.folder.glob("*.eml")) + 1
        (self.folder / f"{number:06d}.eml").write_bytes(message.as_bytes())
