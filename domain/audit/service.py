"""Record who did what; verify that nobody changed the record since."""

from dataclasses import dataclass
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx

_INSERT = """
INSERT INTO audit_log (tenant_id, at, actor_member_id, actor_label, action, subject, details)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_FIRST_BREAK = """
SELECT min(seq) FROM (
    SELECT seq,
        previous_hash IS DISTINCT FROM coalesce(lag(hash) OVER chain, '')
        OR seq <> coalesce(lag(seq) OVER chain, 0) + 1
        OR hash <> audit_hash(previous_hash, seq, at, actor_member_id, actor_label, action, subject, details)
        AS is_broken
    FROM audit_log WHERE tenant_id = $1 WINDOW chain AS (ORDER BY seq)
) checked WHERE is_broken
"""
_ENDS = """
SELECT (SELECT max(seq) FROM audit_log WHERE tenant_id = $1) AS last_seq,
       (SELECT hash FROM audit_log WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1) AS last_hash,
       seq AS head_seq, hash AS head_hash
FROM audit_heads WHERE tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying one tenant's chain found.

    Attributes:
        row_count: Rows in the chain.
        first_broken_seq: The first row that does not fit; None when the chain is whole.
        is_cut: Rows are missing at the end: the head knows more than the table holds.
    """

    row_count: int
    first_broken_seq: int | None
    is_cut: bool

    @property
    def is_whole(self) -> bool:
        """Nothing was changed, removed or inserted."""
        return self.first_broken_seq is None and not self.is_cut


async def record(tx: Tx, clock: Clock, action: str, subject: str, details: dict[str, object] | None = None) -> None:
    """Append to the tenant's audit chain. Call it last: it holds the chain's head until the commit.

    Args:
        tx: The business transaction.
        clock: For the instant.
        action: A verb of the business, e.g. `order.claim`.
        subject: What it was done to, e.g. `order 4821`.
        details: Small facts, JSON; never secrets, never personal data.
    """
    actor = tx.actor
    await tx.run(_INSERT, tx.tenant_id, clock.now(), actor.member_id, actor.label, action, subject, details or {})


class AuditService:
    """Reads over the audit chain."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def verify(self, tenant_id: UUID) -> ChainReport:
        """Recompute the whole chain of one tenant in the database; cost grows with its length."""
        async with self._db.tx(Actor.system(tenant_id, "audit", "verify")) as tx:
            broken = await tx.value(_FIRST_BREAK, tenant_id)
            ends = await tx.row(_ENDS, tenant_id)
        if ends is None:
            return ChainReport(0, broken, is_cut=False)
        is_cut = ends["last_seq"] != ends["head_seq"] or ends["last_hash"] != ends["head_hash"]
        return ChainReport(ends["last_seq"] or 0, broken, is_cut=is_cut)
