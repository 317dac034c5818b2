"""A channel in which Discord lets the bot write no more: people hear of it once, and what waits is shown afterwards.

Whoever may write again finds that out by trying: rarely, since Discord counts refusals against the bot. The first
message that gets through, or a look at /setup, has the others tried at once. Where none waits any more, the next one
that is posted shows that it is over.
"""

from datetime import UTC, timedelta

import structlog

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row, Tx
from domain.outbox.dto import Outbound
from domain.outbox.kinds import STANDING, Kind
from domain.outbox.post import post_card, post_direct, post_notice, post_thread_card
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

NOT_PERMITTED = "not_permitted"
"""The code of a refusal for want of permission."""
REFUSED = f"discord: {NOT_PERMITTED}"
_GIVE_UP_AFTER = timedelta(hours=1)  # what comes behind it may be refused for no such reason: a file, say
_FIRST_WAIT_S, _LONGEST_WAIT_S = 60, 900
_SHOWN_LATER_FOR = timedelta(days=7)
_LIMIT = 500
log = structlog.get_logger("guildhall.outbox")

# Once, and after two days again: a day is the slot, so that who is told just before midnight hears it once, too.
_CLAIM = """
INSERT INTO clock_slots (tenant_id, job, slot_at)
SELECT $1, $2, $3 WHERE NOT EXISTS (
    SELECT 1 FROM clock_slots WHERE tenant_id = $1 AND job = $2 AND slot_at >= $3::timestamptz - interval '1 day')
ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM clock_slots WHERE tenant_id = $1 AND job = $2"
_FORGET_IF_NONE_WAITS = f"""
{_FORGET} AND NOT EXISTS (
    SELECT FROM outbound_messages WHERE tenant_id = $1 AND state IN ('queued', 'sending', 'unknown') AND error = $3
        AND (purpose = $4 OR $4 = 'log'))
"""
_ALERTS_IN = """
SELECT channel_id FROM channel_bindings WHERE tenant_id = $1 AND purpose IN ('red_alerts', 'log')
ORDER BY purpose = 'log' LIMIT 1
"""
_OWNERS = """
SELECT m.id FROM members m JOIN member_roles r ON r.tenant_id = m.tenant_id AND r.member_id = m.id
WHERE m.tenant_id = $1 AND m.status = 'active' AND r.role = 'owner' ORDER BY m.id
"""
_WAKE = """
UPDATE outbound_messages SET due_at = $2
WHERE tenant_id = $1 AND state IN ('queued', 'unknown') AND due_at > $2 AND error = $3 RETURNING lane
"""
# Cards and mirrored messages; a notice of yesterday is news to nobody.
_GIVEN_UP = f"""
WITH given_up AS (
    UPDATE outbound_messages SET error = $3 || ', shown later' WHERE id IN (
        SELECT id FROM outbound_messages
        WHERE tenant_id = $1 AND state = 'failed' AND coalesces AND error = 'given up: ' || $3 AND created_at > $2
        ORDER BY position DESC LIMIT {_LIMIT})
    RETURNING kind, subject_id, purpose, conversation_id, position
)
SELECT kind, subject_id, purpose, conversation_id FROM given_up
GROUP BY kind, subject_id, purpose, conversation_id ORDER BY min(position)
"""  # noqa: S608 - our own words


def wait_s(attempt_count: int) -> int:
    """How long a message waits after it was refused so often, in seconds."""
    return min(_FIRST_WAIT_S << min(attempt_count - 1, 6), _LONGEST_WAIT_S)


def give_up_after(message: Outbound) -> timedelta:
    """How long it is tried: a card stands in a lane of its own and holds nothing up."""
    is_alone = message.conversation_id is None and message.kind in STANDING
    return _SHOWN_LATER_FOR if is_alone else _GIVE_UP_AFTER


async def tell(tx: Tx, clock: Clock, message: Outbound) -> None:
    """Tell the shop what is not shown where, and what to do; once for each purpose until it is over, or two days.

    It goes where alerts go. Where that is the very channel, or there is none, the owners hear it in person.
    """
    now, purpose = clock.now(), _purpose(message)
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if not await tx.run(_CLAIM, tx.tenant_id, _slot(purpose), day):
        return
    where = str(message.channel_id)
    log.warning("discord forbids to write in a channel", purpose=purpose, channel_id=where, kind=message.kind.value)
    params: dict[str, object] = {"channel_id": where, "purpose": purpose}
    if await tx.value(_ALERTS_IN, tx.tenant_id) not in (None, message.channel_id):
        await post_notice(tx, clock, Purpose.RED_ALERTS, Kind.CHANNEL_FORBIDDEN, params)
        return
    for row in await tx.rows(_OWNERS, tx.tenant_id):
        await post_direct(tx, clock, row["id"], Kind.CHANNEL_FORBIDDEN, params)


async def got_through(tx: Tx, clock: Clock, message: Outbound) -> None:
    """If it had been refused, all others that were are tried at once, the first time.

    Another one says something only where nothing waits that was refused, and it was posted: who may not post may edit.
    A chat's says nothing, since its words get through where its files do not.
    """
    is_sign = message.purpose is not None and message.conversation_id is None and message.card is None
    if not (message.was_forbidden or is_sign):
        return
    purpose, slot = _purpose(message), _slot(_purpose(message))
    if message.was_forbidden:
        is_over = await tx.run(_FORGET, tx.tenant_id, slot)
    else:
        is_over = await tx.run(_FORGET_IF_NONE_WAITS, tx.tenant_id, slot, REFUSED, purpose)
    if is_over:
        log.info("discord lets us write again", purpose=purpose, channel_id=str(message.channel_id))
        await _go_on(tx, clock)


async def show_what_waits(db: Database, clock: Clock, actor: Actor) -> None:
    """Try at once what Discord refused, and show what was given up within a week.

    Raises:
        PermissionDenied: The actor may not change settings.
    """
    require(actor, Permission.SETTINGS_CHANGE)
    async with db.tx(actor) as tx:
        await _go_on(tx, clock)


async def _go_on(tx: Tx, clock: Clock) -> None:
    now = clock.now()
    tx.lanes.update(row["lane"] for row in await tx.rows(_WAKE, tx.tenant_id, now, REFUSED))
    for row in await tx.rows(_GIVEN_UP, tx.tenant_id, now - _SHOWN_LATER_FOR, REFUSED):
        await _show_again(tx, clock, row)


async def _show_again(tx: Tx, clock: Clock, row: Row) -> None:
    kind, subject_id = Kind(row["kind"]), row["subject_id"]
    if row["conversation_id"] is not None:
        await post_thread_card(tx, clock, row["conversation_id"], kind, subject_id)
    else:
        await post_card(tx, clock, kind, subject_id, Purpose(row["purpose"]))


def _purpose(message: Outbound) -> str:
    """What the channel is for that refused: the log's, where nothing is bound for the message's own purpose."""
    return str(message.purpose) if message.is_bound else Purpose.LOG.value


def _slot(purpose: str) -> str:
    return f"discord.forbidden:{purpose}"
