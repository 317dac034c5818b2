"""Post to the journal inside a business transaction."""

from datetime import date
from uuid import UUID

from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.errors import Conflict, NotFound
from domain.ledger import queries
from domain.ledger.dto import AccountKind, AccountRef, Entry, EntryDraft, EntryKind
from domain.tenancy.queries import tenant as read_tenant


async def posting_day(tx: Tx, clock: Clock) -> date:
    """The business day that takes what happens now: today's, or the next that is not closed.

    Holds the journal until the transaction ends, so that the day cannot be closed meanwhile.
    """
    await queries.hold_journal(tx)
    tenant = await read_tenant(tx)
    return await queries.open_day(tx, tenant.day_of(clock.now()))


async def post_entry(tx: Tx, clock: Clock, draft: EntryDraft) -> Entry:
    """Post an entry under the journal's next number, on the posting day.

    Entries of one tenant are posted one after the other, so numbers have no gaps and days never go back. The
    same key again, even at the same moment, returns the entry there is. The database refuses an entry that
    does not balance, at the commit.

    Args:
        tx: The business transaction.
        clock: For the instant and the day.
        draft: What to post, in the tenant's currency.
    """
    if draft.kind is EntryKind.REVERSAL:
        raise ValueError("reversals are made by reverse()")
    await queries.hold_journal(tx)
    known = await queries.entry_by_key(tx, draft.key)
    if known is not None:
        return known
    tenant = await read_tenant(tx)
    now = clock.now()
    day = await queries.open_day(tx, tenant.day_of(now))
    entry = await queries.insert_entry(
        tx, draft.kind, draft.subject_id, tenant.currency, day, None, draft.reason, draft.key, now
    )
    await queries.insert_postings(tx, entry, [(account, minor) for account, minor in draft.postings if minor])
    return entry


async def reverse(tx: Tx, clock: Clock, entry_id: UUID, reason: str, key: str) -> Entry:
    """Take an entry back with one of opposite signs; the original stays. The same key again: the same entry.

    Raises:
        NotFound: `ledger.unknown_entry`.
        Conflict: `ledger.already_reversed`; or `ledger.is_reversal`: a reversal is not reversed, but posted anew.
    """
    await queries.hold_journal(tx)
    known = await queries.entry_by_key(tx, key)
    if known is not None:
        return known
    found = await queries.entry_by_id(tx, entry_id)
    if found is None:
        raise NotFound("ledger.unknown_entry")
    original, is_reversed = found
    if original.kind is EntryKind.REVERSAL:
        raise Conflict("ledger.is_reversal", number=original.seq)
    if is_reversed:
        raise Conflict("ledger.already_reversed", number=original.seq)
    tenant = await read_tenant(tx)
    now = clock.now()
    day = await queries.open_day(tx, tenant.day_of(now))
    entry = await queries.insert_entry(
        tx, EntryKind.REVERSAL, original.subject_id, original.currency, day, original.id, reason, key, now
    )
    lines = await queries.postings_of(tx, original.id)
    undone = [(AccountRef(AccountKind(row["kind"]), row["reference"]), -row["amount_minor"]) for row in lines]
    await queries.insert_postings(tx, entry, undone)
    return entry
