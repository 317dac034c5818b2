"""A message as it stands now, and what a person can find in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.discord.state import Channel, User
from sandbox.discord.text import read_aloud

Json = dict[str, Any]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
HAS_THREAD = 1 << 5
COMPONENTS_V2 = 1 << 15

BUTTON = 2
SELECTS = {3: "string", 5: "user", 6: "role", 7: "mentionable", 8: "channel"}


@dataclass(eq=False)
class Attachment:
    """A file that travels with a message or with an interaction."""

    id: int
    filename: str
    content_type: str
    bytes: bytes = field(repr=False)
    url: str
    description: str | None = None
    ephemeral: bool = False


@dataclass(frozen=True)
class Button:
    """A button as a person sees it; `custom_id` is None for links."""

    label: str
    emoji: str
    custom_id: str | None
    style: int
    disabled: bool
    url: str | None
    component_id: int


@dataclass(frozen=True)
class Select:
    """A menu as a person sees it; `kind` is string, user, role, mentionable or channel."""

    kind: str
    component_type: int
    custom_id: str
    placeholder: str
    min_values: int
    max_values: int
    disabled: bool
    options: tuple[Json, ...]
    channel_types: tuple[int, ...]
    component_id: int


@dataclass(eq=False)
class Reaction:
    """Who reacted to a message with one emoji."""

    emoji: str
    user_ids: list[int]


@dataclass(eq=False)
class Message:
    """One message; it changes in place when it is edited, so whoever holds it sees the present text."""

    id: int
    channel: Channel
    author: User
    sent_at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    edited_at: datetime | None = None
    nonce: str | int | None = None
    reference: Message | None = None
    reference_id: int | None = None
    ephemeral_for: int | None = None
    webhook_id: int | None = None
    tts: bool = False
    mention_ids: list[int] = field(default_factory=list)
    mention_role_ids: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    interaction: Json | None = None
    reactions: list[Reaction] = field(default_factory=list)
    thread: Channel | None = None
    poll: Json | None = None
    deleted: bool = False
    version: int = 0

    @property
    def edited(self) -> bool:
        """Whether the message shows "(edited)"."""
        return self.edited_at is not None

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.ephemeral_for is not None

    @property
    def loading(self) -> bool:
        """Whether it still says "is thinking..."."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """Everything a person would read, from top to bottom: content, embeds, text components."""
        return read_aloud(self.content, self.embeds, self.components)

    @property
    def buttons(self) -> list[Button]:
        """Every button, from top to bottom."""
        return [as_button(c) for c in walk(self.components) if c["type"] == BUTTON]

    @property
    def selects(self) -> list[Select]:
        """Every menu, from top to bottom."""
        return [as_select(c) for c in walk(self.components) if c["type"] in SELECTS]

    def find_button(self, label: str) -> Button:
        """Return the button with this visible text or emoji.

        Raises:
            LookupError: no button reads so.
        """
        wanted = label.strip().casefold()
        for button in self.buttons:
            shown = (button.label, button.emoji, f"{button.emoji} {button.label}")
            if wanted in (text.strip().casefold() for text in shown if text):
                return button
        raise LookupError(f"no button {label!r} among {[b.label or b.emoji for b in self.buttons]}")


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield every component of a tree in the order in which a person meets them."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        for slot in ("accessory", "component"):
            if inner := component.get(slot):
                yield from walk([inner])


def as_button(raw: Json) -> Button:
    """Read a button out of its JSON."""
    emoji = raw.get("emoji") or {}
    return Button(
        label=raw.get("label") or "",
        emoji=emoji.get("name") or "",
        custom_id=raw.get("custom_id"),
        style=raw["style"],
        disabled=bool(raw.get("disabled")),
        url=raw.get("url"),
        component_id=raw["id"],
    )


def as_select(raw: Json) -> Select:
    """Read a menu out of its JSON."""
    return Select(
        kind=SELECTS[raw["type"]],
        component_type=raw["type"],
        custom_id=raw["custom_id"],
        placeholder=raw.get("placeholder") or "",
        min_values=raw["min_values"],
        max_values=raw["max_values"],
        disabled=bool(raw.get("disabled")),
        options=tuple(raw.get("options", ())),
        channel_types=tuple(raw.get("channel_types", ())),
        component_id=raw["id"],
    )
