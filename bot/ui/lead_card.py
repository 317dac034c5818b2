"""Cards and lists of leads."""

import re
from collections.abc import Sequence

import discord

from bot.ui.cards import Card, Item, Tone, button, card, select
from bot.ui.conversation_text import account_mention
from bot.ui.pages import page_buttons
from bot.ui.text import plain, stamp, stamp_relative
from domain.i18n.reader import Count, Reader
from domain.kernel.pages import Page
from domain.leads.dto import LIVE_STAGES, Lead, LeadEvent, Stage
from domain.leads.policy import is_allowed

SIGNS = {
    Stage.NEW: "🆕", Stage.CONTACTED: "💬", Stage.INTERESTED: "✨", Stage.NEGOTIATION: "🤝", Stage.WON: "🏆",
    Stage.LOST: "🚫",
}  # fmt: skip
LIVE, ALL = "live", "all"
FILTERS = (LIVE, ALL, *(stage.value for stage in Stage))
_TONES = {Stage.WON: Tone.GOOD, Stage.LOST: Tone.DANGER}
_EVENTS_SHOWN = 12
_JOINERS = frozenset({"from", "to", "up", "de", "du", "a", "à", "al", "au", "ao", "hasta", "até", "jusqu", "para"})


def stages_of(chosen: str) -> tuple[Stage, ...]:
    """The stages behind a filter's name. Raises `ValueError` when there is no such filter."""
    if chosen == LIVE:
        return LIVE_STAGES
    return tuple(Stage) if chosen == ALL else (Stage(chosen),)


def lead_card(read: Reader, lead: Lead) -> Card:
    """A lead with the buttons that move it on."""
    return card(title(read, lead), lead_lines(read, lead), tone=_TONES.get(lead.stage, Tone.NEUTRAL),
                controls=_controls(read, lead))  # fmt: skip


def lead_line(read: Reader, lead: Lead) -> Card:
    """A lead where customers' words have no place."""
    return card(f"{SIGNS[lead.stage]} L-{lead.number} · {read(f'lead.stage.{lead.stage}')}")


def details_card(read: Reader, lead: Lead, events: Sequence[LeadEvent], note: str = "") -> Card:
    """A lead with its history, privately."""
    lines = [f"✅ {note}", ""] if note else []
    lines += [*lead_lines(read, lead), *map(account_mention, lead.discord_user_ids), "", f"**{read('lead.history')}**"]
    lines += [_event_line(read, event) for event in events[-_EVENTS_SHOWN:]]
    return card(title(read, lead), lines, tone=_TONES.get(lead.stage, Tone.NEUTRAL), controls=_controls(read, lead))


def title(read: Reader, lead: Lead) -> str:
    """`🆕 L-7 · Marta · New`."""
    name = plain(lead.contact_name, 60) or read("conversation.nameless")
    return f"{SIGNS[lead.stage]} L-{lead.number} · {name} · {read(f'lead.stage.{lead.stage}')}"


def lead_lines(read: Reader, lead: Lead) -> list[str]:
    """The facts."""
    lines: list[str] = []
    if lead.wish and not _is_climb(lead):
        lines.append(f"💭 {plain(lead.wish, 500)}")
    if lead.start_division or lead.target_division:
        climb = f"**{plain(lead.start_division or '?')} → {plain(lead.target_division or '?')}**"
        lines.append(f"{climb} · {read.format(lead.quoted)}" if lead.quoted else climb)
    elif lead.quoted:
        lines.append(read("lead.quoted", amount=lead.quoted))
    owner = plain(lead.owner_name, 60) if lead.owner_name else read("conversation.card.no_owner")
    lines.append(f"🧑‍💼 {owner} · {source_line(read, lead)}")
    if lead.tags:
        lines.append(" ".join(f"`{plain(tag, 24)}`" for tag in lead.tags))
    if lead.lost_reason and lead.stage is Stage.LOST:
        lines.append(f"🚫 {plain(lead.lost_reason, 300)}")
    when = read("lead.since", when=stamp_relative(lead.created_at))
    lines.append(f"{when} · <#{lead.thread_id}>" if lead.thread_id else when)
    return lines


def _is_climb(lead: Lead) -> bool:
    """Whether the wish says nothing but the climb, which stands on the card anyway."""
    climb = {division.casefold() for division in (lead.start_division, lead.target_division) if division}
    return bool(climb) and set(re.findall(r"\w+", lead.wish.casefold())) <= climb | _JOINERS


def source_line(read: Reader, lead: Lead) -> str:
    """Where the person came from; an ad with its headline."""
    headline = plain(str(lead.referral.get("headline") or ""), 80)
    text = read(f"lead.source.{lead.source}")
    return f"{text}: {headline}" if headline else text


def list_card(read: Reader, page: Page[Lead], chosen: str) -> Card:
    """One page of leads under a filter."""
    lines = [_list_line(read, lead) for lead in page.rows] or [read("lead.list.empty")]
    options = [
        discord.SelectOption(label=filter_name(read, name), value=name, default=name == chosen) for name in FILTERS
    ]
    controls: list[Item] = [
        select("lead.filter", options=options, placeholder=read("lead.list.placeholder")),
        *page_buttons(read, "lead.page", page, chosen),
    ]
    foot = read("lead.list.total", count=Count(page.total_count), filter=filter_name(read, chosen))
    return card(read("lead.list.title"), lines, controls=controls, foot=foot)


def filter_name(read: Reader, chosen: str) -> str:
    """What a filter is called."""
    return read(f"lead.filter.{chosen}") if chosen in (LIVE, ALL) else read(f"lead.stage.{chosen}")


def stage_options(read: Reader, lead: Lead) -> list[discord.SelectOption]:
    """The stages the lead may go to now."""
    return [
        discord.SelectOption(label=read(f"lead.stage.{stage}"), value=stage.value, emoji=SIGNS[stage])
        for stage in Stage
        if is_allowed(lead.stage, stage)
    ]


def _list_line(read: Reader, lead: Lead) -> str:
    name = plain(lead.contact_name, 40) or read("conversation.nameless")
    parts = [f"{SIGNS[lead.stage]} **L-{lead.number}** {name}", read(f"lead.stage.{lead.stage}")]
    if lead.quoted:
        parts.append(read.format(lead.quoted))
    if lead.owner_name:
        parts.append(plain(lead.owner_name, 40))
    parts.append(stamp_relative(lead.updated_at))
    if lead.thread_id:
        parts.append(f"<#{lead.thread_id}>")
    return " · ".join(parts)


def _controls(read: Reader, lead: Lead) -> list[Item]:
    found: list[Item] = []
    options = stage_options(read, lead)
    if options:
        found.append(select("lead.stage", lead.number, options=options, placeholder=read("lead.stage_placeholder")))
    found += [
        button(read("lead.button.mine"), "lead.mine", lead.number),
        button(read("lead.button.note"), "lead.note", lead.number),
        button(read("lead.button.details"), "lead.details", lead.number),
    ]
    return found


def _event_line(read: Reader, event: LeadEvent) -> str:
    text = plain(event.text, 200)
    if event.kind == "stage" and str(event.details.get("to", "")) in set(Stage):
        moved = read(f"lead.stage.{event.details['to']}")
        text = f"{moved}: {text}" if text else moved
    if event.kind == "owner":
        text = plain(str(event.details.get("to") or ""), 60) or read("conversation.card.no_owner")
    label = read(f"lead.event.{event.kind}") if read.has(f"lead.event.{event.kind}") else plain(event.kind)
    said = f"{label}: {text}" if text else label
    return f"-# {stamp(event.at)} · {plain(event.actor_label, 40)} · {said}"
