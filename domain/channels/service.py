"""Numbers that customers write to, and what their webhooks bring."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.channels import queries
from domain.channels.accounts import Accounts
from domain.channels.dto import Template
from domain.channels.events import Acceptance, finish_event, finish_events, take_event, take_events
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.sealing import Sealer
from domain.tenancy.policy import Permission, require

__all__ = ["ChannelService", "finish_event", "finish_events", "take_event", "take_events"]

_HEARD_EVERY = timedelta(seconds=10)


class ChannelService(Accounts, Acceptance):
    """Every use case of channel accounts: the accounts, what comes in, and message templates."""

    def __init__(self, db: Database, clock: Clock, sealer: Sealer) -> None:
        self._db = db
        self._clock = clock
        self._sealer = sealer
        self._heard_at: dict[UUID, datetime] = {}

    async def has_any(self) -> bool:
        """Whether any shop has a number."""
        async with self._db.routing() as tx:
            return bool(await tx.value("SELECT EXISTS (SELECT 1 FROM channel_accounts)"))

    async def note_inbound(self, tx: Tx, account_id: UUID, at: datetime, waba_id: str | None) -> None:
        """Remember, in the intake's transaction, when something last came in and whose account it is.

        At most every ten seconds, so that a busy number's row is not what everybody waits for.
        """
        before = self._heard_at.get(account_id)
        if before is None or at - before >= _HEARD_EVERY:
            self._heard_at[account_id] = at
            await queries.note_inbound(tx, account_id, at, waba_id)

    async def templates(self, actor: Actor, account_id: UUID | None = None) -> tuple[Template, ...]:
        """Message templates of one account, or of all, by name and language."""
        require(actor, Permission.CONVERSATION_SEE)
        async with self._db.tx(actor) as tx:
            return await queries.templates(tx, account_id)

    async def save_templates(self, actor: Actor, account_id: UUID, templates: Sequence[Template]) -> None:
        """Replace what is known of an account's templates by what the provider says now; of two at once the later."""
        require(actor, Permission.CHANNEL_CHANGE)
        async with self._db.tx(actor) as tx:
            await queries.hold(tx, account_id)  # two at once, in another order, would each wait for the other's rows
            await queries.save_templates(tx, account_id, templates, self._clock.now())
