"""Rebuild the books from the postings and say where they differ."""

from domain.kernel.db import Tx
from domain.ledger.dto import Discrepancy, DiscrepancyKind

_BALANCES = """
SELECT a.kind || ':' || a.reference || ' ' || a.currency AS subject, a.balance_minor AS stored,
       coalesce(s.total, 0) AS expected
FROM ledger_accounts a
LEFT JOIN (SELECT account_id, sum(amount_minor)::bigint AS total FROM postings WHERE tenant_id = $1
           GROUP BY account_id) s ON s.account_id = a.id
WHERE a.tenant_id = $1 AND a.balance_minor <> coalesce(s.total, 0) ORDER BY 1
"""
_ENTRIES = """
SELECT 'entry ' || e.seq AS subject, coalesce(sum(p.amount_minor), 0)::bigint AS stored, 0::bigint AS expected
FROM journal_entries e LEFT JOIN postings p ON p.entry_id = e.id
WHERE e.tenant_id = $1
GROUP BY e.id, e.seq HAVING coalesce(sum(p.amount_minor), 0) <> 0 OR count(p.entry_id) < 2 ORDER BY e.seq
"""
_GAPS = """
SELECT 'entry ' || seq AS subject, seq AS stored, place AS expected
FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM journal_entries WHERE tenant_id = $1) numbered
WHERE seq <> place ORDER BY seq LIMIT 1
"""
_DAYS = """
SELECT 'entry ' || seq AS subject, business_on - DATE '1970-01-01' AS stored, before - DATE '1970-01-01' AS expected
FROM (SELECT seq, business_on, lag(business_on) OVER (ORDER BY seq) AS before
      FROM journal_entries WHERE tenant_id = $1) ordered
WHERE business_on < before ORDER BY seq
"""
_TOTALS = """
SELECT 'all accounts ' || currency AS subject, sum(balance_minor)::bigint AS stored, 0::bigint AS expected
FROM ledger_accounts WHERE tenant_id = $1 GROUP BY currency HAVING sum(balance_minor) <> 0 ORDER BY currency
"""
_CHECKS = {
    DiscrepancyKind.BALANCE_DIFFERS: _BALANCES,
    DiscrepancyKind.ENTRY_UNBALANCED: _ENTRIES,
    DiscrepancyKind.SEQUENCE_GAP: _GAPS,
    DiscrepancyKind.DAY_GOES_BACK: _DAYS,
    DiscrepancyKind.TOTAL_NOT_ZERO: _TOTALS,
}


async def discrepancies(tx: Tx) -> list[Discrepancy]:
    """All that does not add up in the tenant's books; its cost grows with their length."""
    found: list[Discrepancy] = []
    for kind, sql in _CHECKS.items():
        rows = await tx.rows(sql, tx.tenant_id)
        found += [Discrepancy(kind, row["subject"], row["stored"], row["expected"]) for row in rows]
    return found
