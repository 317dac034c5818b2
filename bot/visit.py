"""One press: who, in which language, and how to answer."""

from collections.abc import Sequence
from typing import Any, cast

import discord

from bot.actor import actor_from, find_tenant
from bot.answers import Answer, Press, acknowledge
from bot.counting import bind_actor
from bot.ui.text import stamp
from bot.words import locale_of
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.errors import NotFound
from domain.services import Services
from domain.tenancy.dto import Tenant

_OPENED = (None, discord.InteractionResponseType.modal)


class Visit:
    """What a handler needs: `actor`, `reader`, `services`, and ways to answer.

    Attributes:
        interaction: Discord's own object, for what is not offered here.
        services: The use cases.
        reader: Texts in the presser's language; instants become Discord time stamps.
    """

    __slots__ = ("_actor", "interaction", "reader", "services")

    def __init__(self, interaction: Press, services: Services, actor: Actor | None) -> None:
        self.interaction = interaction
        self.services = services
        self.reader = Reader(locale_of(interaction), stamp=stamp)
        self._actor = actor

    @property
    def actor(self) -> Actor:
        """Who acts; raises `NotFound` (`tenant.not_set_up`) in a guild without a shop."""
        if self._actor is None:
            raise NotFound("tenant.not_set_up")
        return self._actor

    @property
    def has_shop(self) -> bool:
        """Whether the guild has a shop."""
        return self._actor is not None

    def become(self, actor: Actor) -> None:
        """Go on as this actor, after a shop was founded."""
        self._actor = actor

    async def tenant(self) -> Tenant:
        """The shop with its settings."""
        return await self.services.tenancy.tenant(self.actor)

    async def show(self, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
        """Make `view` the answer: it replaces what was acknowledged, in place.

        Args:
            view: The whole message.
            files: What it refers to as `attachment://name`; earlier files of the message go.
        """
        response = self.interaction.response
        if response.type in _OPENED and not response.is_done():
            await response.send_message(view=view, files=list(files), ephemeral=True)
        elif response.type is discord.InteractionResponseType.modal:
            await self.interaction.followup.send(view=view, files=list(files), ephemeral=True)
        else:
            self.interaction.extras.pop("busy", None)
            await self._edit(view, files)

    async def open(self, form: discord.ui.Modal) -> None:
        """Open a form; only as the first answer (`Answer.FORM`)."""
        await self.interaction.response.send_modal(form)

    @property
    def chosen(self) -> tuple[str, ...]:
        """What was picked in a select: values, or ids of roles, channels and users."""
        return tuple((self._data).get("values", ()))

    def text(self, field: str) -> str:
        """What a form's text field holds, trimmed; empty when it was left empty."""
        return str(self._fields().get(field) or "").strip()

    def choices(self, field: str) -> tuple[str, ...]:
        """What was picked in a form's select or group."""
        value = self._fields().get(field)
        if value is None or isinstance(value, str):
            return (value,) if value else ()
        return tuple(value)

    def attachment(self, field: str) -> discord.Attachment | None:
        """The file that was attached to a form; None when there is none."""
        known = self._data.get("resolved", {}).get("attachments", {})
        found = next((known[file_id] for file_id in self.choices(field) if file_id in known), None)
        return None if found is None else discord.Attachment(data=found, state=self.interaction._state)

    def flag(self, field: str) -> bool:
        """Whether a form's checkbox is ticked."""
        return self._fields().get(field) is True

    async def _edit(self, view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
        message = self.interaction.message
        if files or (message is not None and message.attachments):
            await self.interaction.edit_original_response(view=view, attachments=list(files))
        else:
            await self.interaction.edit_original_response(view=view)

    @property
    def _data(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.interaction.data or {})

    def _fields(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in self._data.get("components", ()):
            for item in [row["component"]] if "component" in row else row.get("components", ()):
                found[item.get("custom_id", "")] = item.get("value", item.get("values"))
        return found


async def enter(interaction: Press, answer: Answer = Answer.PRIVATE, *, needs_shop: bool = True) -> Visit:
    """Acknowledge, then find out who acts. The first line of every command.

    Raises:
        NotFound: `tenant.not_set_up`, unless `needs_shop` is False.
        PermissionDenied: `member.suspended`.
    """
    await acknowledge(interaction, answer)
    services: Services = interaction.client.services
    if not needs_shop and await find_tenant(interaction, services.tenancy) is None:
        return Visit(interaction, services, None)
    actor = await actor_from(interaction, services.tenancy)
    bind_actor(actor)
    return Visit(interaction, services, actor)
