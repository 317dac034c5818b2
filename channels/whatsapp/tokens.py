"""Tokens at hand for a moment, and what follows when the provider refuses one."""

from datetime import datetime, timedelta
from uuid import UUID

from channels.whatsapp.meta.errors import Refused
from channels.whatsapp.ports import AccountKeeper
from domain.channels.dto import Credentials
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock

_KEEP = timedelta(seconds=5)


class KnownTokens:
    """Keeps what a call needs for five seconds, so that not every message reads and unseals it.

    Only of numbers at work: a stopped one is read each time, so that a new token is used at once. Whether a number was
    stopped meanwhile is for the caller to know; a token replaced meanwhile shows when the provider refuses the old one.

    Args:
        accounts: Who keeps them.
        clock: For the instant.
    """

    def __init__(self, accounts: AccountKeeper, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._known: dict[tuple[UUID, UUID], tuple[datetime, Credentials]] = {}

    async def credentials(self, actor: Actor, account_id: UUID) -> Credentials:
        """What a call needs, at most five seconds old."""
        key, now = (actor.tenant_id, account_id), self._clock.now()
        known = self._known.get(key)
        if known is not None and timedelta() <= now - known[0] < _KEEP:
            return known[1]
        found = await self._accounts.credentials(actor, account_id)
        self._known.pop(key, None)
        if found.is_active:
            self._known[key] = (now, found)
        return found

    def forget(self, actor: Actor, account_id: UUID) -> None:
        """The provider refuses the token: read it again."""
        self._known.pop((actor.tenant_id, account_id), None)


async def stop_if_current(accounts: AccountKeeper, actor: Actor, credentials: Credentials, refused: Refused) -> None:
    """Stop the number, unless its token was replaced while a call with the old one was under way."""
    latest = await accounts.credentials(actor, credentials.account_id)
    if latest.access_token == credentials.access_token and latest.is_active:
        reason = f"token_{refused.subcode}" if refused.subcode else "token"
        await accounts.stop(actor, credentials.account_id, reason)
