"""The form to answer a contact, and what is offered where free text may not be sent."""

import hashlib
import io
from collections.abc import Sequence
from typing import Protocol

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, card, select
from bot.ui.conversation_text import contact_name, unreachable_line
from bot.ui.forms import Field, file_field, form, text_field
from bot.ui.text import OPTION_LIMIT, bare, block, clip
from domain.channels.dto import COUPON, COUPON_LIMIT, Template
from domain.conversations.dto import Conversation, ConversationDetails
from domain.conversations.policy import unreachable_since
from domain.i18n.reader import Reader

_LONGEST_FIELD = 4000  # Discord's own limit of a form's field
_PARAMETER_LIMIT, _FORM_FIELDS = 300, 5
_OPTIONS = 25
_TYPED_LIMIT, _TYPED_FILE = 2500, "message.txt"


class Canned(Protocol):
    """A canned answer."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def body(self) -> str:
        """What it says."""


def reply_form(read: Reader, details: ConversationDetails, text: str = "") -> ui.Modal:
    """What is to be said; of a number that takes no messages the form says so, and whoever sends it knows."""
    name = bare(details.contact.name, 30) or details.contact.phone
    is_warned = unreachable_since(details.conversation, details.contact) is not None
    hint = read("conversation.reply.unreachable" if is_warned else "conversation.reply.hint")
    field = text_field("text", read("conversation.reply.label"), hint=hint, value=text, max_length=_LONGEST_FIELD,
                       is_long=True)  # fmt: skip
    title = f"C-{details.conversation.number} · {name}" if name else f"C-{details.conversation.number}"
    action = "conversation.say_warned" if is_warned else "conversation.say"
    return form(title, [field], action, details.conversation.id)


def usable(templates: Sequence[Template]) -> list[Template]:
    """The templates that can be sent from here."""
    return [template for template in templates if not hindrance(template)]


def hindrance(template: Template) -> str:
    """Why a template cannot be sent from here, a word below `conversation.template.why`; empty: it can."""
    fields_count = len(template.parameters) + bool(template.file)
    return template.hindrance or ("too_many" if fields_count > _FORM_FIELDS else "")


def template_label(read: Reader, template: Template) -> str:
    """A template in a list, with the reason where it cannot be sent."""
    label, why = f"{template.name} · {template.language}", hindrance(template)
    if not why:
        return clip(label, OPTION_LIMIT)
    said = f": {read(f'conversation.template.why.{why}')}"
    return f"⛔ {clip(label, OPTION_LIMIT - len(said) - 2)}{said}"


def template_key(template: Template) -> str:
    """Names of templates may be longer than a custom id: twelve letters stand for one."""
    return hashlib.sha256(f"{template.name}\n{template.language}".encode()).hexdigest()[:12]


def window_card(read: Reader, details: ConversationDetails, templates: Sequence[Template], typed: str = "") -> Card:
    """The window is closed: choose a template."""
    options = [
        discord.SelectOption(label=template_label(read, template), value=template_key(template),
                             description=clip(template.body or template.category, 100))
        for template in usable(templates)[:_OPTIONS]
    ]  # fmt: skip
    controls: list[Item] = [
        select("conversation.template", details.conversation.id, options=options,
               placeholder=read("conversation.window.choose")),
    ]  # fmt: skip
    foot = read("conversation.window.others") if len(options) < len(templates) else ""
    return card(read("conversation.window.title"), _lines(read, details, "conversation.window.text", typed),
                tone=Tone.WARNING, controls=controls, media=_typed_media(typed), foot=foot)  # fmt: skip


def no_template_card(
    read: Reader, details: ConversationDetails, templates: Sequence[Template], typed: str = ""
) -> Card:  # fmt: skip
    """The window is closed, and there is no template that may be sent."""
    foot = read("conversation.window.others") if templates else ""
    return card(read("conversation.window.title"), _lines(read, details, "conversation.window.none", typed),
                tone=Tone.WARNING, media=_typed_media(typed), foot=foot)  # fmt: skip


def typed_files(typed: str) -> list[discord.File]:
    """What was typed, whole, where the card shows only its beginning: nobody has to write it again."""
    return [discord.File(io.BytesIO(typed.encode()), _TYPED_FILE)] if len(typed) > _TYPED_LIMIT else []


def _typed_media(typed: str) -> list[Item]:
    return [ui.File(f"attachment://{_TYPED_FILE}")] if len(typed) > _TYPED_LIMIT else []


def _lines(read: Reader, details: ConversationDetails, key: str, typed: str) -> list[str]:
    lines = [read(key, name=contact_name(read, details.contact))]
    if unreachable := unreachable_line(read, details):
        lines.append(unreachable)
    if typed:
        lines += ["", read("conversation.window.typed"), f"> {block(typed, _TYPED_LIMIT)}".replace("\n", "\n> ")]
    return lines


def template_form(read: Reader, details: ConversationDetails, template: Template) -> ui.Modal:
    """The file and the parameters of a template; one without any is confirmed by sending the form as it is.

    Of a number that takes no messages every field says so, and whoever sends it knows.
    """
    is_warned = unreachable_since(details.conversation, details.contact) is not None
    hint = read("conversation.reply.unreachable") if is_warned else None
    fields = [_parameter_field(read, f"p{index}", name, hint) for index, name in enumerate(template.parameters)]
    if template.file:
        fields.insert(0, file_field("file", read(f"conversation.template.file.{template.file}"), hint=hint))
    if not fields:
        fields = [text_field("preview", read("conversation.template.preview"), value=template.body or template.name,
                             is_long=True, required=False, max_length=1500, hint=hint)]  # fmt: skip
    title = f"C-{details.conversation.number} · {template.name}"
    return form(title, fields, "conversation.template_say", details.conversation.id, template_key(template))


def _parameter_field(read: Reader, field: str, name: str, hint: str | None) -> Field:
    if name.startswith(COUPON):
        label = read("conversation.template.coupon", limit=COUPON_LIMIT)
        return text_field(field, label, max_length=COUPON_LIMIT, hint=hint)
    label = read("conversation.template.parameter", name=bare(name, 30))
    return text_field(field, label, max_length=_PARAMETER_LIMIT, hint=hint)


def canned_card(read: Reader, conversation: Conversation, answers: Sequence[Canned]) -> Card:
    """The canned answers to choose from; it is looked over before it is sent."""
    title = read("conversation.canned.title")
    if not answers:
        return card(title, [read("conversation.canned.none")])
    options = [
        discord.SelectOption(label=clip(answer.name, OPTION_LIMIT), value=clip(answer.name, OPTION_LIMIT),
                             description=clip(bare(answer.body, 100), 100) or None)
        for answer in answers[:_OPTIONS]
    ]  # fmt: skip
    pick = select("conversation.canned_pick", conversation.id, options=options,
                  placeholder=read("conversation.canned.choose"))  # fmt: skip
    return card(f"{title} · C-{conversation.number}", controls=[pick], foot=read("conversation.canned.foot"))
