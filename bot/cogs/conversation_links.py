"""Which Discord account is a customer's."""

from uuid import UUID

import discord

from bot.answers import Answer
from bot.cogs.conversation_flow import done
from bot.cogs.conversation_presses import merge_card
from bot.router import DoorCog, pressed
from bot.ui.cards import Tone, button, card
from bot.ui.conversation_text import account_mention, contact_name
from bot.ui.text import plain
from bot.visit import Visit
from domain.conversations.dto import Conversation
from domain.kernel.errors import Conflict, InvalidInput
from domain.tenancy.policy import Permission, require

LINKED_ELSEWHERE = "contact.linked_elsewhere"


class ConversationLinksCog(DoorCog):
    """What follows when the account is somebody else's."""

    @pressed("contact.merge_ask", Answer.UPDATE)
    async def merge_asked(self, visit: Visit, kept_number: int, merged_number: int) -> None:
        """Ask before the two become one person."""
        await merge_card(visit, kept_number, merged_number)


async def link(visit: Visit, conversation: Conversation, account: discord.User | discord.Member) -> None:
    """Link an account with a conversation's contact; of another contact's, say whose it is and offer to merge."""
    require(visit.actor, Permission.CONTACT_CHANGE)
    if account.bot:
        raise InvalidInput("contact.no_person", field="account")
    try:
        contact = await visit.services.contacts.link_discord(visit.actor, conversation.contact_id, account.id)
    except Conflict as refused:
        if refused.code != LINKED_ELSEWHERE:
            raise
        await _offer_merge(visit, conversation, account.id, refused)
        return
    name = contact_name(visit.reader, contact)
    await visit.show(done(visit, conversation, "linked", name=name, account=account_mention(account.id)))


async def unlink(visit: Visit, conversation: Conversation, account: discord.User | discord.Member | None) -> None:
    """Forget one account of a conversation's contact, or all."""
    contacts = visit.services.contacts
    gone = await contacts.unlink_discord(visit.actor, conversation.contact_id, account.id if account else None)
    name = contact_name(visit.reader, await contacts.get(visit.actor, conversation.contact_id))
    named = gone or ((account.id,) if account else ())
    what = "unlinked" if gone else "not_linked" if named else "no_link"
    await visit.show(done(visit, conversation, what, name=name, account=", ".join(map(account_mention, named))))


async def _offer_merge(visit: Visit, conversation: Conversation, account_id: int, refused: Conflict) -> None:
    other_id: UUID = refused.params["contact_id"]
    other = await visit.services.conversations.of_contact(visit.actor, other_id)
    if other is None:
        raise refused
    read, number = visit.reader, other.number
    text = read("conversation.link.taken", account=account_mention(account_id), name=plain(refused.params["name"], 60),
                number=number)  # fmt: skip
    merge = button(read("conversation.link.merge", number=number), "contact.merge_ask", conversation.number, number)
    await visit.show(card(f"C-{conversation.number}", [text], tone=Tone.WARNING, controls=[merge]))
