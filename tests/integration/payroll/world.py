"""What the database holds of a shop, to show that a refusal changed nothing."""

from typing import Any
from uuid import UUID

from domain.kernel.db import Database
from domain.outbox.kinds import Kind
from tests.fixtures.shop import Shop

_TABLES = (
    "journal_entries",
    "postings",
    "payroll_runs",
    "payroll_lines",
    "payroll_disputes",
    "unpaid_earnings",
    "outbound_messages",
    "audit_log",
    "counters",
    "closed_days",
    "day_closes",
)


async def world(db: Database, shop: Shop) -> dict[str, list[str]]:
    """Every row of the shop that payroll and closing can change."""
    async with db.tx(shop.people["owner"]) as tx:
        return {
            table: [row["line"] for row in await tx.rows(f"SELECT t::text AS line FROM {table} t ORDER BY 1")]
            for table in _TABLES
        }


async def outbox(db: Database, shop: Shop, kind: Kind) -> list[tuple[UUID | None, UUID | None, dict[str, Any]]]:
    """Recipient, subject and params of the messages of a kind, in order."""
    sql = "SELECT recipient_member_id, subject_id, params FROM outbound_messages WHERE kind = $1 ORDER BY position"
    async with db.tx(shop.people["owner"]) as tx:
        rows = await tx.rows(sql, kind.value)
    return [(row["recipient_member_id"], row["subject_id"], row["params"]) for row in rows]


async def payables(db: Database, shop: Shop) -> dict[str, int]:
    """Balance of each booster's payable by name; debit positive: 0 is paid, above 0 is to be recovered."""
    sql = """SELECT m.name, a.balance_minor FROM ledger_accounts a JOIN members m ON m.id::text = a.reference
             WHERE a.kind = 'booster_payable' ORDER BY m.name"""
    async with db.tx(shop.people["owner"]) as tx:
        return {row["name"]: row["balance_minor"] for row in await tx.rows(sql)}
