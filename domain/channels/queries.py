"""SQL of channel accounts and their templates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.channels.dto import ChannelAccount, Template
from domain.kernel.db import Row, Tx
from domain.kernel.errors import NotFound

_COLUMNS = """id, tenant_id, provider, app, phone_number_id, waba_id, display_phone, state, stopped_reason,
throughput_mps, last_inbound_at, created_at"""
_INSERT = """
INSERT INTO channel_accounts (id, tenant_id, provider, app, phone_number_id, waba_id, display_phone,
    access_token_sealed, app_secret_sealed, verify_token_sealed, throughput_mps, created_at)
VALUES ($1, $2, 'meta', $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_NOTE_INBOUND = """
UPDATE channel_accounts c SET waba_id = coalesce(c.waba_id, heard.waba_id),
    last_inbound_at = greatest(last_inbound_at, heard.at)
FROM (SELECT $2::timestamptz AS at, $3::text AS waba_id) heard
WHERE c.id = $1 AND (c.waba_id IS NULL AND heard.waba_id IS NOT NULL
    OR last_inbound_at IS NULL OR last_inbound_at < heard.at - interval '10 seconds')
"""
_BESIDE_THE_APP = """
UPDATE channel_accounts SET throughput_mps = 20 WHERE tenant_id = $1 AND id = $2 AND throughput_mps > 20
"""
_SAVE_TEMPLATES = """
INSERT INTO message_templates (tenant_id, account_id, name, language, status, category, body, parameters,
                               components, synced_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (account_id, name, language) DO UPDATE SET status = $5, category = $6, body = $7, parameters = $8,
    components = $9, synced_at = $10
"""


def account_of(row: Row) -> ChannelAccount:
    """A row of `_COLUMNS` as an account."""
    return ChannelAccount(**dict(row))


async def insert(tx: Tx, account_id: UUID, values: Sequence[object]) -> None:
    """Add an account; `values` are app, phone number id, waba id, phone, three sealed secrets, rate, instant."""
    await tx.run(_INSERT, account_id, tx.tenant_id, *values)


async def account(tx: Tx, account_id: UUID) -> ChannelAccount:
    """One account. Raises `NotFound`: `channel.unknown`."""
    sql = f"SELECT {_COLUMNS} FROM channel_accounts WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - own constants
    row = await tx.row(sql, tx.tenant_id, account_id)
    if row is None:
        raise NotFound("channel.unknown")
    return account_of(row)


async def hold(tx: Tx, account_id: UUID) -> None:
    """Wait for whoever changes the account, then keep others waiting until this transaction ends.

    Raises:
        NotFound: `channel.unknown`.
    """
    sql = "SELECT id FROM channel_accounts WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
    if await tx.row(sql, tx.tenant_id, account_id) is None:
        raise NotFound("channel.unknown")


async def accounts(tx: Tx) -> tuple[ChannelAccount, ...]:
    """The tenant's accounts, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM channel_accounts WHERE tenant_id = $1 ORDER BY created_at, id"  # noqa: S608 - own constants
    return tuple(account_of(row) for row in await tx.rows(sql, tx.tenant_id))


async def note_inbound(tx: Tx, account_id: UUID, at: datetime, waba_id: str | None) -> None:
    """Remember when something last came in, and the account's business id where it was not known.

    Written at most every ten seconds, so that a busy number's row is not what everybody waits for.
    """
    known = waba_id if waba_id and waba_id.isascii() and waba_id.isdigit() and len(waba_id) <= 40 else None
    await tx.run(_NOTE_INBOUND, account_id, at, known)


async def note_phone_app(tx: Tx, account_id: UUID) -> None:
    """The number is in the phone app, too: it may send 20 messages a second (provider's rule); a lower rate stays."""
    await tx.run(_BESIDE_THE_APP, tx.tenant_id, account_id)


async def templates(tx: Tx, account_id: UUID | None) -> tuple[Template, ...]:
    """Templates of one account or all, by name and language."""
    sql = """SELECT account_id, name, language, status, category, body, parameters, components FROM message_templates
             WHERE tenant_id = $1 AND ($2::uuid IS NULL OR account_id = $2) ORDER BY name, language, account_id"""
    rows = await tx.rows(sql, tx.tenant_id, account_id)
    return tuple(Template(**{**dict(row), "parameters": tuple(row["parameters"])}) for row in rows)


async def save_templates(tx: Tx, account_id: UUID, found: Sequence[Template], at: datetime) -> None:
    """Make the stored templates of an account those that were found."""
    rows: list[tuple[Any, ...]] = [
        (tx.tenant_id, account_id, t.name, t.language, t.status, t.category, t.body, list(t.parameters),
         t.components, at)
        for t in found
    ]  # fmt: skip
    await tx.run_many(_SAVE_TEMPLATES, rows)
    gone = """DELETE FROM message_templates WHERE tenant_id = $1 AND account_id = $2
              AND NOT EXISTS (SELECT 1 FROM unnest($3::text[], $4::text[]) k(name, language)
                              WHERE k.name = message_templates.name AND k.language = message_templates.language)"""
    await tx.run(gone, tx.tenant_id, account_id, [t.name for t in found], [t.language for t in found])
