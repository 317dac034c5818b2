"""What people ask the books: balances, and whether they add up."""

from domain.kernel.actor import Actor
from domain.kernel.db import Database
from domain.kernel.money import Money
from domain.ledger import checks, queries
from domain.ledger.dto import AccountBalance, AccountKind, AccountRef, Discrepancy
from domain.ledger.posting import post_entry, posting_day, reverse
from domain.tenancy.policy import Permission, require

__all__ = ["LedgerService", "post_entry", "posting_day", "reverse"]


class LedgerService:
    """Reads over the books; posting happens in the business transaction of whoever moves money."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def balances(self, actor: Actor) -> list[AccountBalance]:
        """Every account and what stands on it, debit positive, by kind and reference."""
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            rows = await queries.balances(tx)
        return [
            AccountBalance(
                AccountRef(AccountKind(row["kind"]), row["reference"]),
                Money(row["balance_minor"], row["currency"]),
            )
            for row in rows
        ]

    async def check(self, actor: Actor) -> list[Discrepancy]:
        """Rebuild balances from postings, and verify balance, numbering and days; empty when all is well.

        The journal stands still while it is checked.
        """
        require(actor, Permission.PAYROLL_SEE)
        async with self._db.tx(actor) as tx:
            await queries.hold_journal(tx)
            return await checks.discrepancies(tx)
