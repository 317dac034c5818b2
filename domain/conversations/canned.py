"""Texts that staff sends by their name."""

import re

from domain.audit.service import record
from domain.conversations.changes import ConversationUseCases
from domain.conversations.dto import CannedAnswer
from domain.kernel.actor import Actor
from domain.kernel.errors import InvalidInput, LimitReached, NotFound
from domain.kernel.text import clean_text
from domain.tenancy.policy import Permission, require

BODY_LIMIT = 1000
COUNT_LIMIT = 200
_NAME = re.compile(r"[\w][\w \-]{0,31}")
_SAVE = """
INSERT INTO canned_answers (tenant_id, name, body) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, name) DO UPDATE SET body = excluded.body
"""


class Canned(ConversationUseCases):
    """Canned answers; names are small letters."""

    async def canned(self, actor: Actor) -> tuple[CannedAnswer, ...]:
        """All of the shop's, by name."""
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            sql = "SELECT name, body FROM canned_answers WHERE tenant_id = $1 ORDER BY name"
            return tuple(CannedAnswer(**row) for row in await tx.rows(sql, tx.tenant_id))

    async def save_canned(self, actor: Actor, name: str, body: str) -> CannedAnswer:
        """Add an answer, or change the one of that name.

        Raises:
            InvalidInput: `conversation.canned_name`, or a text that is empty or too long.
            LimitReached: `conversation.canned_full`.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        answer = CannedAnswer(_clean_name(name), clean_text(body, field="body", limit=BODY_LIMIT, is_required=True))
        async with self._db.tx(actor) as tx:
            others = "SELECT count(*) FROM canned_answers WHERE tenant_id = $1 AND name <> $2"
            if await tx.value(others, tx.tenant_id, answer.name) >= COUNT_LIMIT:
                raise LimitReached("conversation.canned_full", limit=COUNT_LIMIT)
            await tx.run(_SAVE, tx.tenant_id, answer.name, answer.body)
            await record(tx, self._clock, "conversation.save_canned", f"answer {answer.name}")
        return answer

    async def delete_canned(self, actor: Actor, name: str) -> None:
        """Remove an answer.

        Raises:
            NotFound: `conversation.canned_unknown`.
        """
        require(actor, Permission.CONVERSATION_REPLY)
        cleaned = _clean_name(name)
        async with self._db.tx(actor) as tx:
            sql = "DELETE FROM canned_answers WHERE tenant_id = $1 AND name = $2"
            if not await tx.run(sql, tx.tenant_id, cleaned):
                raise NotFound("conversation.canned_unknown", name=cleaned)
            await record(tx, self._clock, "conversation.delete_canned", f"answer {cleaned}")


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.lower().split())
    if not _NAME.fullmatch(cleaned):
        raise InvalidInput("conversation.canned_name", field="name", text=name[:40])
    return cleaned
