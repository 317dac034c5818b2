"""What people asked for, in their own words; parts of an event's transaction."""

from datetime import datetime
from uuid import UUID

from domain.contacts import queries
from domain.contacts.changes import ContactUseCases
from domain.kernel.db import Tx
from domain.tenancy.dto import LOCALES

_OPT_OUT = "UPDATE contacts SET opted_out_at = $3 WHERE tenant_id = $1 AND id = $2 AND opted_out_at IS NULL"
_AGAIN = "UPDATE contacts SET opted_out_at = $3 WHERE tenant_id = $1 AND id = $2 AND opted_out_at < $3"
_OPT_IN = """
UPDATE contacts SET opted_out_at = NULL
WHERE tenant_id = $1 AND id = $2 AND opted_out_at IS NOT NULL AND $3::timestamptz IS NOT NULL
"""
_LOCALE = "UPDATE contacts SET locale = $3 WHERE tenant_id = $1 AND id = $2 AND locale IS DISTINCT FROM $3"


class Consent(ContactUseCases):
    """Stop, start again, marketing, language; and what a blocked person tried."""

    async def opt_out(self, tx: Tx, contact_id: UUID, words: str, provider_id: str) -> bool:
        """Send the person nothing any more; True when that is new. The exact words are kept with the change.

        Said again it counts from the last time: whoever wrote in between and was answered by staff has stopped that,
        too, and a merge that is undone does not take it back.

        Args:
            tx: The event's transaction.
            contact_id: Who.
            words: What they wrote.
            provider_id: The message that said it.

        Raises:
            NotFound: `contact.unknown`.
        """
        is_new = await self._consent(tx, _OPT_OUT, contact_id, "opt_out", words, provider_id)
        if not is_new:
            await tx.run(_AGAIN, tx.tenant_id, await queries.living(tx, contact_id), self._clock.now())
        return is_new

    async def opt_in(self, tx: Tx, contact_id: UUID, words: str, provider_id: str) -> bool:
        """Write to the person again; True when they had stopped it. Arguments and errors as `opt_out`."""
        return await self._consent(tx, _OPT_IN, contact_id, "opt_in", words, provider_id)

    async def note_marketing(self, tx: Tx, contact_id: UUID, *, wants_marketing: bool, at: datetime) -> None:
        """Keep what the person told the provider about marketing messages; the newest counts."""
        kind = "marketing_in" if wants_marketing else "marketing_out"
        await queries.insert_consent(tx, await queries.living(tx, contact_id), kind, "", "", at)

    async def note_blocked(self, tx: Tx, contact_id: UUID, provider_id: str) -> bool:
        """Keep that a blocked person wrote; False when this very message is kept already."""
        contact_id = await queries.living(tx, contact_id)
        return await queries.insert_consent(tx, contact_id, "blocked", "", provider_id, self._clock.now())

    async def set_locale(self, tx: Tx, contact_id: UUID, locale: str) -> None:
        """Remember the person's language; one that is none of ours changes nothing."""
        if locale in LOCALES:
            await tx.run(_LOCALE, tx.tenant_id, await queries.living(tx, contact_id), locale)

    async def _consent(self, tx: Tx, sql: str, contact_id: UUID, kind: str, words: str, provider_id: str) -> bool:
        contact_id, now = await queries.living(tx, contact_id), self._clock.now()
        if await tx.run(sql, tx.tenant_id, contact_id, now) == 0:
            return False
        kept = words.replace("\x00", "").encode("utf-8", "ignore").decode()  # what the database cannot hold
        await queries.insert_consent(tx, contact_id, kind, kept, provider_id, now)
        return True
