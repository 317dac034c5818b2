"""Collects the objects that option and select values point at: `resolved` in interaction data."""

from __future__ import annotations

from sandbox.discord import payloads
from sandbox.discord.driver.payload import partial_channel_json
from sandbox.discord.guild import Guild
from sandbox.discord.message_payloads import attachment_json
from sandbox.discord.messages import Attachment, Json
from sandbox.discord.state import Channel, Role, User


class Resolved:
    """Objects by kind and id, as Discord sends them along."""

    def __init__(self, guild: Guild | None, viewer: User) -> None:
        self._guild = guild
        self._viewer = viewer
        self.json: Json = {}

    def add(self, thing: User | Role | Channel | Attachment) -> str:
        """Take an object in and return its id, which is what the value becomes."""
        key = str(thing.id)
        if isinstance(thing, User):
            self._put("users", key, payloads.user_json(thing))
            member = None if self._guild is None else self._guild.members.get(thing.id)
            if member is not None and self._guild is not None:
                from sandbox.discord.permissions import base_permissions

                bits = base_permissions(self._guild, thing.id)
                whole = payloads.member_json(member, with_user=False) | {"permissions": str(bits)}
                for absent in ("mute", "deaf"):
                    whole.pop(absent)
                self._put("members", key, whole)
        elif isinstance(thing, Role):
            self._put("roles", key, payloads.role_json(thing))
        elif isinstance(thing, Channel):
            self._put("channels", key, partial_channel_json(thing, self._viewer))
        else:
            self._put("attachments", key, attachment_json(thing))
        return key

    def _put(self, kind: str, key: str, payload: Json) -> None:
        self.json.setdefault(kind, {})[key] = payload
