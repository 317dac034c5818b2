"""What the bot needs to know, and what it needs from outside."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BotConfig:
    """Settings of the Discord door.

    Attributes:
        api_origin: Where Discord is, e.g. `http://127.0.0.1:4000`; None for the real one.
        shard_ids: The shards of this process; None for all.
        shard_count: Shards over all processes; None asks Discord.
        guild_ready_timeout_s: How long to wait for the guilds of a shard before it counts as ready.
        syncs_commands: Whether this process may register the commands.
        data_dir: Where the files of messages lie; None: no file is attached.
        webhook_origin: Where the world reaches our webhooks, e.g. `https://shop.example`; empty: not known.
    """

    api_origin: str | None = None
    shard_ids: tuple[int, ...] | None = None
    shard_count: int | None = None
    guild_ready_timeout_s: float = 2.0
    syncs_commands: bool = True
    data_dir: Path | None = None
    webhook_origin: str = ""


class CommandHashStore(Protocol):
    """Remembers which commands Discord has, so that a start does not register them again."""

    async def load(self) -> str | None:
        """The hash of what was registered last; None when unknown."""
        ...

    async def save(self, payload_hash: str) -> None:
        """Remember what is registered now."""
        ...
