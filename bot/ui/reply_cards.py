"""The form to answer a contact, and what is offered where free text may not be sent."""

import hashlib
import io
from collections.abc import Sequence
from typing import Protocol

import discord
from discord import ui

from bot.ui.cards import Card, Item, Tone, card, select
from bot.ui.conversation_text import contact_name, unreachable_line
from bot.ui.forms import form, text_field
from bot.ui.text import OPTION_LIMIT, bare, block, clip
from domain.channels.dto import Template
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
    """Approved templates that need nothing but parameters, as many as fit into a form."""
    return [t for t in templates if t.status == "approved" and t.is_fillable and len(t.parameters) <= _FORM_FIELDS]


def template_key(template: Template) -> str:
    """Names of templates may be longer than a custom id: twelve letters stand for one."""
    return hashlib.sha256(f"{template.name}\n{template.language}".encode()).hexdigest()[:12]


def window_card(read: Reader, details: ConversationDetails, templates: Sequence[Template], typed: str = "") -> Card:
    """The window is closed: choose a template."""
    options = [
        discord.SelectOption(label=clip(f"{template.name} · {template.language}", OPTION_LIMIT),
                             value=template_key(template), description=clip(template.body or template.category, 100))
        for template in templates[:_OPTIONS]
    ]  # fmt: skip
    controls: list[Item] = [
        select("conversation.template", details.conversation.id, options=options,
               placeholder=read("conversation.window.choose")),
    ]  # fmt: skip
    return card(read("conversation.window.title"), _lines(read, details, "conversation.window.text", typed),
                tone=Tone.WARNING, controls=controls, media=_typed_media(typed))  # fmt: skip


def no_template_card(
    read: Reader, details: ConversationDetails, templates: Sequence[Template], typed: str = ""
) -> Card:  # fmt: skip
    """The window is closed, and there is no template that may be sent."""
    del templates
    return card(read("conversation.window.title"), _lines(read, details, "conversation.window.none", typed),
                tone=Tone.WARNING, media=_typed_media(typed))  # fmt: skip


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
    """The parameters of a template; one without any is confirmed by sending the form as it is."""
    fields = [
        text_field(f"p{index}", read("conversation.template.parameter", name=bare(name, 30)),
                   max_length=_PARAMETER_LIMIT)
        for index, name in enumerate(template.parameters)
    ]  # fmt: skip
    if not fields:
        fields = [text_field("preview", read("conversation.template.preview"), value=template.body or template.name,
                             is_long=True, required=False, max_length=1500)]  # fmt: skip
    title = f"C-{details.conversation.number} · {template.name}"
    return form(title, fields, "conversation.template_say", details.conversation.id, template_key(template))


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
