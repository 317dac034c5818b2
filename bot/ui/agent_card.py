"""What the assistant did and how it is set."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import discord
import orjson
from discord import ui

from bot.ui.cards import Card, Tone, button, card
from bot.ui.forms import form, text_field
from bot.ui.text import block, clip, plain, stamp
from domain.conversations.profile import AgentProfile
from domain.conversations.settings import PERSONA_LIMIT, SCOPE_LIMIT
from domain.conversations.turn_dto import TurnRecord
from domain.i18n.reader import Count, Reader

_STATE_SIGNS = {
    "running": "⏳", "replied": "💬", "handed_off": "🙋", "silenced": "🔇", "superseded": "⏭️", "failed": "⚠️",
}  # fmt: skip
_STEPS_SHOWN, _STEP_LIMIT = 14, 180
_URL_LIMIT = 300


def turns_card(read: Reader, number: int, turns: Sequence[TurnRecord], name: str) -> Card:
    """The latest turns of a conversation, one to a line, the whole as a file."""
    if not turns:
        return card(read("agent.trace.title", number=number), [read("agent.trace.none")])
    lines = [turn_line(read, turn) for turn in turns]
    controls = [button(f"#{turn.number}", "agent.trace", number, turn.number) for turn in turns[:5]]
    title = read("agent.trace.title", number=number)
    return card(title, lines, media=[ui.File(f"attachment://{name}")], controls=controls)


def turn_card(read: Reader, turn: TurnRecord, name: str) -> Card:
    """One turn with its steps, the whole as a file."""
    trace = turn.trace
    lines = [turn_line(read, turn)]
    if trace.model:
        lines.append(f"-# {plain(trace.model, 100)} · {plain(trace.prompt_version, 60)}")
    steps = [f"`{index}` {step_line(step)}" for index, step in enumerate(trace.steps[:_STEPS_SHOWN], start=1)]
    lines += ["", *steps] if steps else []
    if len(trace.steps) > _STEPS_SHOWN:
        lines.append(read("agent.trace.more", count=len(trace.steps) - _STEPS_SHOWN))
    title = read("agent.trace.turn", turn=turn.number, number=turn.conversation_number)
    return card(title, lines, media=[ui.File(f"attachment://{name}")])


def turn_line(read: Reader, turn: TurnRecord) -> str:
    """Number, end, when, tokens, cost, time."""
    trace = turn.trace
    parts = [f"{_STATE_SIGNS.get(turn.state, '❔')} **#{turn.number}** {read(f'agent.state.{turn.state}')}"]
    parts.append(stamp(turn.started_at))
    tokens = trace.input_tokens + trace.output_tokens
    if tokens:
        parts.append(read("agent.trace.tokens", count=Count(tokens)))
    if trace.cost_micros:
        parts.append(f"${trace.cost_micros / 1_000_000:.4f}")
    if turn.finished_at is not None:
        parts.append(f"{_took_s(turn.started_at, turn.finished_at):.1f} s")
    return " · ".join(parts)


def step_line(step: Mapping[str, Any]) -> str:
    """A step as `name: value` pairs; its words were said by a model or a customer, so they are made harmless."""
    pairs = [f"**{plain(str(name), 30)}** {plain(_short(value), 80)}" for name, value in step.items()]
    return clip(" · ".join(pairs), _STEP_LIMIT * 2)


def trace_json(turns: Sequence[TurnRecord]) -> bytes:
    """Everything that is kept of the turns."""
    found = [
        {
            "turn": turn.number, "conversation": turn.conversation_number, "state": turn.state,
            "model": turn.trace.model, "prompt_version": turn.trace.prompt_version,
            "input_tokens": turn.trace.input_tokens, "output_tokens": turn.trace.output_tokens,
            "cost_micros": turn.trace.cost_micros, "started_at": turn.started_at, "finished_at": turn.finished_at,
            "steps": turn.trace.steps,
        }
        for turn in turns
    ]  # fmt: skip
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str)


def settings_card(read: Reader, settings: AgentProfile, note: str = "") -> Card:
    """How the assistant is set, with the switch and the form."""
    lines = [f"✅ {note}", ""] if note else []
    lines.append(f"{'🟢' if settings.is_on else '🔴'} **{read('agent.is_on' if settings.is_on else 'agent.is_off')}**")
    for name, value in (("persona", settings.persona), ("scope", settings.scope), ("privacy", settings.privacy_url)):
        lines.append(f"**{read(f'agent.form.{name}')}**: {block(value, 900) if value else read('agent.unset')}")
    lines.append(f"**{read('agent.form.silence')}**: {settings.silence_hours}")
    lines += [f"**{read(f'agent.limits.{name}')}**: {value}" for name, value in limit_values(settings).items()]
    switch = button(read("agent.button.off" if settings.is_on else "agent.button.on"), "agent.switch",
                    "off" if settings.is_on else "on",
                    style=discord.ButtonStyle.danger if settings.is_on else discord.ButtonStyle.success)  # fmt: skip
    return card(read("agent.title"), lines, tone=Tone.GOOD if settings.is_on else Tone.WARNING,
                controls=[button(read("agent.button.scope"), "agent.scope"),
                          button(read("agent.button.limits"), "agent.limits"), switch])  # fmt: skip


def scope_form(read: Reader, settings: AgentProfile) -> ui.Modal:
    """Who it is, what it may talk about, where people read about their data, how long a human's reply silences it."""
    fields = [
        text_field("persona", read("agent.form.persona"), hint=read("agent.form.persona_hint"), required=False,
                   value=settings.persona, max_length=PERSONA_LIMIT, is_long=True),
        text_field("scope", read("agent.form.scope"), hint=read("agent.form.scope_hint"), required=False,
                   value=settings.scope, max_length=SCOPE_LIMIT, is_long=True),
        text_field("privacy", read("agent.form.privacy"), hint=read("agent.form.privacy_hint"), required=False,
                   value=settings.privacy_url, max_length=_URL_LIMIT),
        text_field("silence", read("agent.form.silence"), hint=read("agent.form.silence_hint"),
                   value=str(settings.silence_hours), max_length=3),
    ]  # fmt: skip
    return form(read("agent.title"), fields, "agent.scope_set")


def limit_values(settings: AgentProfile) -> dict[str, str]:
    """What the assistant may use, as it is typed, by the name of its field."""
    money = (
        settings.turn_cost_limit_micros, settings.contact_day_cost_limit_micros, settings.tenant_day_cost_limit_micros,
    )  # fmt: skip
    return {
        "reopen": str(settings.reopen_hours), "turn": str(settings.turn_token_limit),
        "contact": str(settings.contact_day_token_limit), "shop": str(settings.tenant_day_token_limit),
        "money": " / ".join(f"{Decimal(micros).scaleb(-6).normalize():f}" for micros in money),
    }  # fmt: skip


def limits_form(read: Reader, settings: AgentProfile) -> ui.Modal:
    """When a closed chat is a new one, and what the assistant may use up."""
    hints = {"reopen": "reopen_hint", "money": "money_hint"}
    fields = [
        text_field(name, read(f"agent.limits.{name}"), hint=read(f"agent.limits.{hints.get(name, 'tokens_hint')}"),
                   value=value, max_length=60)
        for name, value in limit_values(settings).items()
    ]  # fmt: skip
    return form(read("agent.limits.title"), fields, "agent.limits_set")


def _took_s(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _short(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
