"""The files of messages: what they are, where they lie, and what voice notes say."""

from uuid import UUID

from domain.conversations import messages
from domain.conversations.changes import ConversationUseCases, mirror
from domain.conversations.dto import Direction, MediaInfo
from domain.conversations.inbound import MessageKind
from domain.conversations.waiting import wake_turn
from domain.i18n.catalog import LOCALES
from domain.kernel.actor import Actor
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound
from domain.tenancy.policy import Permission, require

_STORED = """
UPDATE media SET state = 'stored', path = $3, size_bytes = $4, mime = $5, file_name = $6, error = NULL
WHERE tenant_id = $1 AND message_id = $2 AND state <> 'stored'
"""
_FAILED = "UPDATE media SET state = $3, error = $4 WHERE tenant_id = $1 AND message_id = $2 AND state = 'waiting'"
_HEARD = """
UPDATE media SET transcript = $3, is_transcript_sure = $4
WHERE tenant_id = $1 AND message_id = $2 AND transcript IS DISTINCT FROM $3
"""
_SPOKEN = """
UPDATE contacts SET locale = $4
WHERE tenant_id = $1 AND id = (SELECT contact_id FROM conversations WHERE id = $2) AND locale IS DISTINCT FROM $4
    AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation_id = $2 AND position > $3 AND direction = 'in'
                    AND kind = 'text')
"""


class Media(ConversationUseCases):
    """What the door tells of files; each again changes nothing, and a change is shown in the thread."""

    async def media_of(self, actor: Actor, message_id: UUID) -> MediaInfo | None:
        """A message's file, or None.

        Raises:
            NotFound: `conversation.unknown_message`.
        """
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            return messages.media_of(await _message(tx, message_id))

    async def media_stored(self, actor: Actor, message_id: UUID, path: str, size: int, mime: str, name: str) -> None:
        """The file lies at `path` below the data folder; `size` in bytes."""
        await self._note(actor, message_id, _STORED, path, size, mime, name[:255])

    async def media_failed(self, actor: Actor, message_id: UUID, state: str, error: str) -> None:
        """There is no file and never will be: `refused` by us, or `lost` at the provider."""
        await self._note(actor, message_id, _FAILED, state, error[:300], ends_hearing=True)

    async def media_heard(
        self, actor: Actor, message_id: UUID, transcript: str, is_sure: bool, locale: str | None = None
    ) -> None:
        """What a voice note says, for the thread and the agent.

        Its language, where it is certain, becomes the contact's, like that of a text they write; not when they have
        written since, and not for what the shop says itself.
        """
        await self._note(actor, message_id, _HEARD, transcript, is_sure, ends_hearing=True, locale=locale)

    async def _note(
        self,
        actor: Actor,
        message_id: UUID,
        sql: str,
        *values: object,
        ends_hearing: bool = False,
        locale: str | None = None,
    ) -> None:
        require(actor, Permission.CONVERSATION_REPLY)
        async with self._db.tx(actor) as tx:
            row = await _message(tx, message_id)
            if await tx.run(sql, tx.tenant_id, message_id, *values) and not row["is_history"]:
                await mirror(tx, self._clock, row["conversation_id"], message_id)
                if locale in LOCALES and row["direction"] == Direction.IN:
                    await tx.run(_SPOKEN, tx.tenant_id, row["conversation_id"], row["position"], locale)
                if ends_hearing and row["kind"] in (MessageKind.VOICE, MessageKind.AUDIO):
                    await self._answer_now(tx, row["conversation_id"])

    async def _answer_now(self, tx: Tx, conversation_id: UUID) -> None:
        """What a voice note says is known, or never will be: its answer waits no longer for it."""
        sql = "SELECT true FROM conversations WHERE tenant_id = $1 AND id = $2 AND waiting_since IS NOT NULL"
        if await tx.value(sql, tx.tenant_id, conversation_id):
            wake_turn(tx, conversation_id, self._clock.now())


async def _message(tx: Tx, message_id: UUID) -> Row:
    row = await messages.read(tx, message_id)
    if row is None:
        raise NotFound("conversation.unknown_message")
    return row
