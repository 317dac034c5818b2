"""Interactions: what a person used, whether the bot answered in time, and with what."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.errors import ApiError, unknown
from sandbox.discord.messages import Json, Message
from sandbox.discord.state import Channel, User

if TYPE_CHECKING:
    from sandbox.discord.world import World

ACK_WINDOW = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)
REMEMBERED = 2000
_PAYLOADS_KEPT = 200


class InteractionKind(IntEnum):
    """What a person used."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Callback(IntEnum):
    """How a bot can answer."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9
    ACTIVITY = 12


@dataclass(eq=False)
class Interaction:
    """One use of a command, a component, a modal or an autocomplete."""

    id: int
    token: str
    kind: InteractionKind
    user: User
    channel: Channel
    created_at: datetime
    command_name: str = ""
    message: Message | None = None
    origin_metadata: Json | None = None
    started_s: float = field(default_factory=time.perf_counter)
    callback: Callback | None = None
    acknowledged_ms: float | None = None
    original: Message | None = None
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    followups: list[Message] = field(default_factory=list)
    answered: bool = False

    def acknowledge(self, callback: Callback) -> None:
        """Note the one answer."""
        self.callback = callback
        self.acknowledged_ms = (time.perf_counter() - self.started_s) * 1000
        self.answered = callback not in (Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE)

    def metadata(self) -> Json:
        """Write what a message says about the interaction that made it."""
        from sandbox.discord.payloads import user_json

        guild = self.channel.guild
        payload: Json = {
            "id": str(self.id),
            "type": int(self.kind),
            "user": user_json(self.user),
            "authorizing_integration_owners": {"0": "0" if guild is None else str(guild.id)},
        }
        if self.kind == InteractionKind.COMPONENT and self.message is not None:
            payload["interacted_message_id"] = str(self.message.id)
        if self.kind == InteractionKind.MODAL:
            payload["triggering_interaction_metadata"] = self.origin_metadata
        return payload


class Interactions:
    """The most recent interactions, found by id and by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: OrderedDict[int, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}
        self._payloads: OrderedDict[int, tuple[Json, int | None]] = OrderedDict()

    def open(self, kind: InteractionKind, user: User, channel: Channel) -> Interaction:
        """Start an interaction; the oldest is forgotten when there are too many."""
        interaction = Interaction(
            self._world.ids.next(), secrets.token_urlsafe(48), kind, user, channel, self._world.clock.now()
        )
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        if len(self._by_id) > REMEMBERED:
            _, forgotten = self._by_id.popitem(last=False)
            del self._by_token[forgotten.token]
        return interaction

    def send(self, interaction: Interaction, payload: Json) -> None:
        """Hand an interaction to the bot and keep the payload of the last few for `redeliver`."""
        guild = interaction.channel.guild
        guild_id = None if guild is None else guild.id
        self._payloads[interaction.id] = (payload, guild_id)
        if len(self._payloads) > _PAYLOADS_KEPT:
            self._payloads.popitem(last=False)
        self._world.announcer.interaction(payload, guild_id)

    def redeliver(self, interaction_id: int) -> None:
        """Hand a recent interaction to the bot once more, as a stuttering network would."""
        payload, guild_id = self._payloads[interaction_id]
        self._world.announcer.interaction(payload, guild_id)

    def to_acknowledge(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that may still be answered for the first time.

        Raises:
            ApiError: 10062 unknown or later than 3 s, 40060 already acknowledged.
        """
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown("interaction")
        if interaction.callback is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self.is_late(interaction):
            raise unknown("interaction")
        return interaction

    def by_token(self, token: str) -> Interaction:
        """Return an acknowledged interaction whose token still works.

        Raises:
            ApiError: 10015 unknown token or not acknowledged yet, 50027 older than 15 minutes.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.callback is None:
            raise unknown("Webhook")
        if self._world.clock.now() - interaction.created_at > TOKEN_LIFE:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def is_late(self, interaction: Interaction) -> bool:
        """Tell whether the three seconds are over."""
        return self._world.clock.now() - interaction.created_at > ACK_WINDOW
