"""/agent: what the assistant did, whether it answers, and what it may talk about."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal

import discord
from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.conversation_flow import here, suggest_conversations
from bot.router import DoorCog, fresh, pressed, submitted
from bot.ui.agent_card import limits_form, scope_form, settings_card, trace_json, turn_card, turns_card
from bot.ui.ids import OutOfDate
from bot.visit import Visit, enter
from bot.words import words
from domain.conversations.settings import AgentChange
from domain.conversations.turn_dto import TurnRecord
from domain.kernel.errors import InvalidInput
from domain.tenancy.policy import Permission, require

_DOLLARS_COUNT = 3
_TURNS_SHOWN = 8
Number = app_commands.Range[int, 0, 2**31 - 1]


class AgentCog(DoorCog):
    """The shop's assistant."""

    agent = app_commands.Group(
        name=words("command.agent.name"), description=words("command.agent.description"), guild_only=True
    )

    @agent.command(name=words("command.agent.trace.name"), description=words("command.agent.trace.description"))
    @app_commands.rename(turn=words("option.turn.name"), conversation=words("option.trace_conversation.name"))
    @app_commands.describe(
        turn=words("option.turn.description"), conversation=words("option.trace_conversation.description")
    )
    @app_commands.autocomplete(conversation=suggest_conversations)
    async def trace(self, interaction: Press, turn: Number | None = None, conversation: Number | None = None) -> None:
        """One turn of a conversation by its number, or the latest."""
        visit = await enter(interaction)
        found = await here(visit, conversation)
        if turn is not None:
            await _show_turn(visit, found.number, turn)
            return
        turns = list(await self.services.conversations.turns(visit.actor, found.id))[:_TURNS_SHOWN]
        name = f"C-{found.number}-turns.json"
        await visit.show(turns_card(visit.reader, found.number, turns, name), _files(turns, name))

    @agent.command(name=words("command.agent.off.name"), description=words("command.agent.off.description"))
    async def off(self, interaction: Press) -> None:
        """Let the assistant answer nobody any more."""
        await _switch(await enter(interaction), is_on=False)

    @agent.command(name=words("command.agent.on.name"), description=words("command.agent.on.description"))
    async def on(self, interaction: Press) -> None:
        """Let the assistant answer again."""
        await _switch(await enter(interaction), is_on=True)

    @agent.command(name=words("command.agent.show.name"), description=words("command.agent.show.description"))
    async def show(self, interaction: Press) -> None:
        """How the assistant is set."""
        await self.current(await enter(interaction))

    @agent.command(name=words("command.agent.scope.name"), description=words("command.agent.scope.description"))
    async def scope(self, interaction: Press) -> None:
        """Open the form with persona, scope, privacy link and hours of silence."""
        await _open_form(await enter(interaction, Answer.FORM))

    @agent.command(name=words("command.agent.limits.name"), description=words("command.agent.limits.description"))
    async def limits(self, interaction: Press) -> None:
        """Open the form with what the assistant may use."""
        await _open_limits(await enter(interaction, Answer.FORM))

    @fresh("agent")
    async def current(self, visit: Visit) -> None:
        """How the assistant is set, in place of an old card."""
        require(visit.actor, Permission.AGENT_SEE)
        await visit.show(settings_card(visit.reader, await self.services.conversations.settings(visit.actor)))

    @pressed("agent.trace", Answer.PRIVATE)
    async def traced(self, visit: Visit, conversation: int, number: int) -> None:
        """Show one turn."""
        await _show_turn(visit, conversation, number)

    @pressed("agent.switch")
    async def switched(self, visit: Visit, wanted: str) -> None:
        """Switch the assistant on or off."""
        if wanted not in ("on", "off"):
            raise OutOfDate("agent")
        await _switch(visit, is_on=wanted == "on")

    @pressed("agent.scope", Answer.FORM)
    async def scope_pressed(self, visit: Visit) -> None:
        """Open the form."""
        await _open_form(visit)

    @submitted("agent.scope_set", Answer.PRIVATE)
    async def scope_set(self, visit: Visit) -> None:
        """Keep what was typed."""
        hours = visit.text("silence")
        if not (hours.isascii() and hours.isdigit()):
            raise InvalidInput("agent.out_of_range", field="silence_hours", low=1, high=720)
        change = AgentChange(persona=visit.text("persona"), scope=visit.text("scope"),
                             privacy_url=visit.text("privacy"), silence_hours=int(hours))  # fmt: skip
        settings = await self.services.conversations.change_settings(visit.actor, change)
        await visit.show(settings_card(visit.reader, settings, visit.reader("agent.saved")))

    @pressed("agent.limits", Answer.FORM)
    async def limits_pressed(self, visit: Visit) -> None:
        """Open the form."""
        await _open_limits(visit)

    @submitted("agent.limits_set", Answer.PRIVATE)
    async def limits_set(self, visit: Visit) -> None:
        """Keep the limits that were typed."""
        of_turn, of_contact, of_shop = _dollars(visit)
        change = AgentChange(
            reopen_hours=_whole(visit, "reopen"), turn_token_limit=_whole(visit, "turn"),
            contact_day_token_limit=_whole(visit, "contact"), tenant_day_token_limit=_whole(visit, "shop"),
            turn_cost_limit_micros=of_turn, contact_day_cost_limit_micros=of_contact,
            tenant_day_cost_limit_micros=of_shop,
        )  # fmt: skip
        settings = await self.services.conversations.change_settings(visit.actor, change)
        await visit.show(settings_card(visit.reader, settings, visit.reader("agent.saved")))


async def _open_limits(visit: Visit) -> None:
    require(visit.actor, Permission.AGENT_CHANGE)
    await visit.open(limits_form(visit.reader, await visit.services.conversations.settings(visit.actor)))


def _whole(visit: Visit, field: str) -> int:
    found = _amount(visit.text(field), field)
    if found != int(found):
        raise InvalidInput("agent.no_amount", field=field)
    return int(found)


def _dollars(visit: Visit) -> list[int]:
    """Of one answer, of a customer's day and of the shop's, as they stand in one field; in millionths."""
    found = [int(_amount(part, "money").scaleb(6)) for part in visit.text("money").split("/")]
    if len(found) != _DOLLARS_COUNT:
        raise InvalidInput("agent.three_amounts", field="money")
    return found


def _amount(typed: str, field: str) -> Decimal:
    text = typed.strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII):
        raise InvalidInput("agent.no_amount", field=field)
    return Decimal(text)


async def _open_form(visit: Visit) -> None:
    require(visit.actor, Permission.AGENT_CHANGE)
    await visit.open(scope_form(visit.reader, await visit.services.conversations.settings(visit.actor)))


async def _switch(visit: Visit, *, is_on: bool) -> None:
    settings = await visit.services.conversations.change_settings(visit.actor, AgentChange(is_on=is_on))
    note = visit.reader("agent.switched_on" if is_on else "agent.switched_off")
    await visit.show(settings_card(visit.reader, settings, note))


async def _show_turn(visit: Visit, conversation: int, number: int) -> None:
    found = await visit.services.conversations.trace(visit.actor, conversation, number)
    name = f"C-{conversation}-turn-{number}.json"
    await visit.show(turn_card(visit.reader, found, name), _files([found], name))


def _files(turns: Sequence[TurnRecord], name: str) -> list[discord.File]:
    return [discord.File(io.BytesIO(trace_json(turns)), name)] if turns else []
