"""Which conversation a message belongs to: the live one, a closed one that is opened again, or a new one."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.conversations import queries
from domain.conversations.changes import Held, notify
from domain.conversations.dto import Conversation
from domain.conversations.queries import conversation_of
from domain.kernel.clock import Clock
from domain.kernel.db import Row, Tx

OPENED = {"state": "bot", "closed_at": None, "human_until": None, "handoff_reason": ""}


async def hold_open(
    tx: Tx, clock: Clock, contact_id: UUID, account_id: UUID, reopen_hours: int, who: str
) -> tuple[Held, bool]:
    """The contact's conversation on a number, live and held, and whether it is new. Any number at once make one.

    Args:
        tx: The business transaction.
        clock: For the instant.
        contact_id: With whom.
        account_id: On which of the shop's numbers.
        reopen_hours: One closed less than so many hours ago is opened again.
        who: Whose message opens it again, for the notice.
    """
    row = await queries.lock_live(tx, contact_id, account_id)
    if row is not None:
        return _held(row), False
    await queries.hold_opening(tx, contact_id, account_id)
    row = await queries.lock_latest(tx, contact_id, account_id)
    if row is not None and (row["state"] != "closed" or _is_fresh(row, clock.now(), reopen_hours)):
        return await _opened_again(tx, clock, row, who), False
    greeted_at = row["greeted_at"] if row is not None else None  # the assistant introduces itself once
    new_id = await queries.insert(tx, contact_id, account_id, "bot", greeted_at, clock.now())
    return _held((await queries.lock(tx, new_id))[1]), True


async def hold_for_history(tx: Tx, contact_id: UUID, account_id: UUID, at: datetime) -> Conversation:
    """The contact's latest conversation, whatever its state; where there is none, a closed one. Opens nothing."""
    await queries.hold_opening(tx, contact_id, account_id)
    row = await queries.lock_latest(tx, contact_id, account_id)
    if row is not None:
        return conversation_of(row)
    new_id = await queries.insert(tx, contact_id, account_id, "closed", None, at, at)
    return await queries.read(tx, new_id)


def _is_fresh(row: Row, now: datetime, reopen_hours: int) -> bool:
    return bool(now - row["closed_at"] < timedelta(hours=reopen_hours))


async def _opened_again(tx: Tx, clock: Clock, row: Row, who: str) -> Held:
    if row["state"] == "closed":
        await queries.change(tx, row["id"], OPENED)
        await notify(tx, clock, row["id"], "reopened", member=who)
        row = (await queries.lock(tx, row["id"]))[1]
    return _held(row)


def _held(row: Row) -> Held:
    return Held(conversation_of(row), row)
