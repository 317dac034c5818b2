"""The shop's numbers and their secrets."""

import hashlib
import re
from uuid import UUID

import asyncpg

from domain.audit.service import record
from domain.channels import queries
from domain.channels.dto import AccountDoor, ChannelAccount, Credentials, NewMetaAccount
from domain.channels.jobs import FETCH_MEDIA
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Row
from domain.kernel.errors import Conflict, InvalidInput, NotFound
from domain.kernel.ids import uuid7
from domain.kernel.queue import hurry
from domain.kernel.sealing import Resealed, SealBroken, Sealer
from domain.kernel.text import clean_name
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.outbox.waking import wake_stopped
from domain.tenancy.dto import Purpose
from domain.tenancy.policy import Permission, require

_APP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ID = re.compile(r"[0-9]{1,40}")
_DOORS = """
SELECT id, tenant_id, phone_number_id, waba_id, app_secret_sealed, verify_token_sealed
FROM channel_accounts WHERE provider = $1 AND app = $2 ORDER BY id
"""
_STOP = """
UPDATE channel_accounts SET state = 'stopped', stopped_reason = $3
WHERE tenant_id = $1 AND id = $2 AND state = 'active' RETURNING phone_number_id, display_phone
"""
_FILES = "SELECT message_id FROM media WHERE tenant_id = $1 AND account_id = $2 AND state = 'waiting'"
_SECRETS = ("access_token", "app_secret", "verify_token")
_SEALED = """
SELECT id, access_token_sealed, app_secret_sealed, verify_token_sealed FROM channel_accounts
WHERE tenant_id = $1 ORDER BY id FOR NO KEY UPDATE
"""
_RESEAL = """
UPDATE channel_accounts SET access_token_sealed = $3, app_secret_sealed = $4, verify_token_sealed = $5
WHERE tenant_id = $1 AND id = $2
"""
_RENEW = """
UPDATE channel_accounts SET access_token_sealed = $3, state = 'active', stopped_reason = NULL
WHERE tenant_id = $1 AND id = $2
"""


class Accounts:
    """Use cases around a number; each opens its own transaction."""

    _db: Database
    _clock: Clock
    _sealer: Sealer

    async def add_meta(self, actor: Actor, new: NewMetaAccount) -> ChannelAccount:
        """Connect a number of Meta's Cloud API to the shop; its secrets are sealed.

        Raises:
            InvalidInput: `channel.bad_app`, `channel.bad_id`, `channel.bad_secret` or `channel.bad_rate`.
            Conflict: `channel.number_taken`: the number is connected already, here or elsewhere; of two at once
                one wins.
        """
        require(actor, Permission.CHANNEL_CHANGE)
        app = new.app or f"shop-{actor.tenant_id.hex}"
        _check(new, app)
        account_id = uuid7()
        secrets = (
            (new.access_token, "access_token"),
            (new.app_secret, "app_secret"),
            (new.verify_token, "verify_token"),
        )
        sealed = [self._seal(actor, account_id, text, what) for text, what in secrets]
        phone = clean_name(new.display_phone, field="display_phone", limit=40, is_required=False)
        values = (app, new.phone_number_id, new.waba_id or None, phone, *sealed, new.throughput_mps, self._clock.now())
        try:
            async with self._db.tx(actor) as tx:
                await queries.insert(tx, account_id, values)
                details: dict[str, object] = {"app": app, "phone_number_id": new.phone_number_id}
                await record(tx, self._clock, "channel.add", f"channel {account_id}", details)
                return await queries.account(tx, account_id)
        except asyncpg.UniqueViolationError as exc:
            raise Conflict("channel.number_taken", phone_number_id=new.phone_number_id) from exc

    async def accounts(self, actor: Actor) -> tuple[ChannelAccount, ...]:
        """The shop's numbers, oldest first."""
        require(actor, Permission.CHANNEL_CHANGE)
        async with self._db.tx(actor) as tx:
            return await queries.accounts(tx)

    async def replace_token(self, actor: Actor, account_id: UUID, access_token: str) -> ChannelAccount:
        """Give a number a new access token, and start it again if it was stopped: what waits for it leaves at once.

        Files that people sent meanwhile are fetched at once, too.

        Raises:
            NotFound: `channel.unknown`.
            InvalidInput: `channel.bad_secret`.
        """
        require(actor, Permission.CHANNEL_CHANGE)
        _check_secret(access_token, "access_token")
        sealed = self._seal(actor, account_id, access_token, "access_token")
        async with self._db.tx(actor) as tx:
            if not await tx.run(_RENEW, tx.tenant_id, account_id, sealed):
                raise NotFound("channel.unknown")
            await wake_stopped(tx, self._clock, account_id)
            waiting = await tx.rows(_FILES, tx.tenant_id, account_id)
            await hurry(tx, FETCH_MEDIA, "message_id", [str(row["message_id"]) for row in waiting])
            await record(tx, self._clock, "channel.replace_token", f"channel {account_id}")
            return await queries.account(tx, account_id)

    async def stop(self, actor: Actor, account_id: UUID, reason: str) -> None:
        """Send nothing more through a number, and tell the shop once; what waits is kept. Twice changes nothing."""
        require(actor, Permission.CHANNEL_CHANGE)
        async with self._db.tx(actor) as tx:
            row = await tx.row(_STOP, tx.tenant_id, account_id, reason[:300])
            if row is None:
                return
            phone = row["display_phone"] or row["phone_number_id"]
            params: dict[str, object] = {"what": "stopped", "phone": phone, "detail": reason[:300]}
            await post_notice(tx, self._clock, Purpose.RED_ALERTS, Kind.CHANNEL_ALERT, params)
            await record(tx, self._clock, "channel.stop", f"channel {account_id}", {"reason": reason[:300]})

    async def doors(self, provider: str, app: str) -> tuple[AccountDoor, ...]:
        """The accounts behind a webhook's address, of every tenant; callers keep the answer for seconds.

        One whose secrets no configured key opens is left out: nothing can vouch for it, the others are unhurt.
        """
        async with self._db.routing() as tx:
            rows = await tx.rows(_DOORS, provider, app)
        return tuple(door for row in rows if (door := self._door(row)) is not None)

    async def credentials(self, actor: Actor, account_id: UUID) -> Credentials:
        """What a call to the provider needs.

        Raises:
            NotFound: `channel.unknown`.
            SealBroken: No configured key opens its secrets.
        """
        require(actor, Permission.CHANNEL_CHANGE)
        async with self._db.tx(actor) as tx:
            found = await queries.account(tx, account_id)
            sql = """SELECT access_token_sealed, app_secret_sealed FROM channel_accounts
                     WHERE tenant_id = $1 AND id = $2"""
            row = await tx.row(sql, tx.tenant_id, account_id)
        assert row is not None, "its account was just read"
        token, secret = (
            self._sealer.open(row[f"{what}_sealed"], actor.tenant_id, _purpose(account_id, what))
            for what in ("access_token", "app_secret")
        )
        return Credentials(
            account_id, found.phone_number_id, found.waba_id, found.throughput_mps, found.state == "active", token,
            # An app is its secret: the word in the webhook's address could be anybody's.
            hashlib.sha256(f"app:{secret}".encode()).digest(),
        )  # fmt: skip

    async def reseal(self, actor: Actor) -> Resealed:
        """Seal the numbers' secrets under the first key. Safe to repeat, and beside a token that is replaced."""
        require(actor, Permission.CHANNEL_CHANGE)
        total = Resealed()
        async with self._db.tx(actor) as tx:
            for row in await tx.rows(_SEALED, tx.tenant_id):
                sealed = [(row[f"{what}_sealed"], _purpose(row["id"], what)) for what in _SECRETS]
                secrets, done = self._sealer.renewed(sealed, tx.tenant_id)
                if done.count:
                    await tx.run(_RESEAL, tx.tenant_id, row["id"], *secrets)
                total += done
            if total.count:
                await record(tx, self._clock, "channel.reseal", "channels", {"count": total.count})
        return total

    def _seal(self, actor: Actor, account_id: UUID, text: str, what: str) -> bytes:
        return self._sealer.seal(text, actor.tenant_id, _purpose(account_id, what))

    def _door(self, row: Row) -> AccountDoor | None:
        tenant_id, account_id = row["tenant_id"], row["id"]
        try:
            secret, token = (
                self._sealer.open(row[f"{what}_sealed"], tenant_id, _purpose(account_id, what))
                for what in ("app_secret", "verify_token")
            )
        except SealBroken:
            return None
        return AccountDoor(tenant_id, account_id, row["phone_number_id"], row["waba_id"], secret, token)


def _purpose(account_id: UUID, what: str) -> str:
    return f"channel:{account_id}:{what}"


def _check(new: NewMetaAccount, app: str) -> None:
    if not _APP.fullmatch(app):
        raise InvalidInput("channel.bad_app", field="app", text=app[:40])
    if not _ID.fullmatch(new.phone_number_id):
        raise InvalidInput("channel.bad_id", field="phone_number_id", text=new.phone_number_id[:40])
    if new.waba_id and not _ID.fullmatch(new.waba_id):
        raise InvalidInput("channel.bad_id", field="waba_id", text=new.waba_id[:40])
    if not 1 <= new.throughput_mps <= 1000:
        raise InvalidInput("channel.bad_rate", field="throughput_mps")
    for name in _SECRETS:
        _check_secret(getattr(new, name), name)


def _check_secret(value: str, field: str) -> None:
    """One word of visible ASCII: what was pasted with a line break or a quotation mark would never work."""
    if (
        not 1 <= len(value) <= 2000
        or not value.isascii()
        or not all(c.isprintable() and not c.isspace() for c in value)
    ):
        raise InvalidInput("channel.bad_secret", field=field)
