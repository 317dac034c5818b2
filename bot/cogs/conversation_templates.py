"""Message templates: chosen by name or from the card of a closed window, filled in, and sent with their file."""

from collections.abc import Sequence
from uuid import UUID

from discord import app_commands

from bot.answers import Answer, Press
from bot.cogs.conversation_files import above_template
from bot.cogs.conversation_flow import here
from bot.cogs.conversation_replies import details_of, reply_with_file, sent
from bot.router import DoorCog, pressed, submitted
from bot.suggest import suggest
from bot.ui.reply_cards import hindrance, template_form, template_key, template_label
from bot.ui.text import plain
from bot.visit import Visit
from domain.channels.dto import Template
from domain.conversations.dto import Conversation, ConversationDetails, Outgoing, TemplateCall
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.tenancy.policy import Permission, require


class ConversationTemplatesCog(DoorCog):
    """A template's form, and what becomes of it."""

    @pressed("conversation.template", Answer.FORM)
    async def chosen(self, visit: Visit, conversation_id: UUID) -> None:
        """Open the form of the template that was chosen from the card."""
        details = await details_of(visit, conversation_id)
        await open_template(visit, details, visit.chosen[0] if visit.chosen else "")

    @submitted("conversation.template_say", Answer.PRIVATE)
    async def said(self, visit: Visit, conversation_id: UUID, key: str) -> None:
        """Send the template; that the number takes no messages stood on the card or in the form."""
        details = await details_of(visit, conversation_id)
        found = await _sendable(visit, details.conversation, key)
        values = _values(visit, found)
        outgoing = Outgoing(found.filled(values), template=TemplateCall(found.name, found.language, values))
        if found.file:
            file = above_template(visit, found.file, visit.attachment("file"))
            await reply_with_file(visit, conversation_id, outgoing, file, self.bot.config.data_dir, is_warned=True)
        else:
            await self.services.conversations.reply(visit.actor, conversation_id, outgoing, is_warned=True)
        await sent(visit, conversation_id)


async def open_template(visit: Visit, details: ConversationDetails, wanted: str) -> None:
    """Open the form for a template's file and parameters; `wanted` is its key or its name."""
    found = await _sendable(visit, details.conversation, wanted)
    await visit.open(template_form(visit.reader, details, found))


async def suggest_templates(interaction: Press, typed: str) -> list[app_commands.Choice[str]]:
    """The templates of the conversation's number whose name or text fits; those that cannot be sent last, with why."""
    wanted = str(typed).strip().casefold()
    number = getattr(interaction.namespace, "conversation", None)

    async def search(visit: Visit) -> Sequence[Template]:
        require(visit.actor, Permission.CONVERSATION_REPLY)
        conversation = await here(visit, number if isinstance(number, int) else None)
        known = await visit.services.channels.templates(visit.actor, conversation.account_id)
        fitting = [one for one in known if wanted in one.name.casefold() or wanted in one.body.casefold()]
        return sorted(fitting, key=lambda one: bool(hindrance(one)))

    return await suggest(interaction, search, lambda visit, one: (template_label(visit.reader, one), template_key(one)),
                         "-")  # fmt: skip


def _values(visit: Visit, template: Template) -> tuple[tuple[str, str], ...]:
    """What was filled in, in one line each, as WhatsApp takes it.

    Raises:
        InvalidInput: `conversation.template_value`: something is empty, or the template asks for more by now.
    """
    typed = (" ".join(visit.text(f"p{index}").split()) for index in range(len(template.parameters)))
    values = tuple(zip(template.parameters, typed, strict=True))
    if not all(value for _, value in values):
        raise InvalidInput("conversation.template_value", field="template")
    return values


async def _sendable(visit: Visit, conversation: Conversation, wanted: str) -> Template:
    """The template; of one name in several languages one that can be sent.

    Raises:
        NotFound: `conversation.unknown_template`.
        Conflict: `conversation.template_not_offered`, with the reason.
    """
    known = await visit.services.channels.templates(visit.actor, conversation.account_id)
    fitting = [one for one in known if wanted in (template_key(one), one.name)]
    if not fitting:
        raise NotFound("conversation.unknown_template")
    found = min(fitting, key=lambda one: bool(hindrance(one)))
    if why := hindrance(found):
        said = visit.reader(f"conversation.template.why.{why}")
        raise Conflict("conversation.template_not_offered", name=plain(found.name, 100), why=said)
    return found
