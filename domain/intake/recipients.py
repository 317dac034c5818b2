"""What sending teaches about the person it went to."""

from uuid import UUID

from domain.contacts.dto import IdentifierKind, Identity
from domain.contacts.service import ContactService
from domain.conversations import queries
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database
from domain.tenancy.policy import Permission, require


class Recipients:
    """Keeps the provider's canonical number of a contact, and that somebody wants no advertising."""

    def __init__(self, db: Database, clock: Clock, contacts: ContactService) -> None:
        self._db = db
        self._clock = clock
        self._contacts = contacts

    async def canonical_found(self, actor: Actor, conversation_id: UUID, wa_id: str) -> None:
        """The provider knows the conversation's contact under this number too: one more identifier."""
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, conversation_id)
            if conversation.reply_channel_id:
                before = Identity({IdentifierKind.WA_ID: conversation.reply_channel_id})
                await self._contacts.change_identity(tx, before, Identity({IdentifierKind.WA_ID: wa_id}))

    async def marketing_stopped(self, actor: Actor, conversation_id: UUID) -> None:
        """The contact told the provider to stop marketing messages."""
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            conversation = await queries.read(tx, conversation_id)
            now = self._clock.now()
            await self._contacts.note_marketing(tx, conversation.contact_id, wants_marketing=False, at=now)
