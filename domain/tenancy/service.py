"""Shops: founding one, recognising who acts, settings, and what each channel and Discord role is for."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID
from zoneinfo import available_timezones

import asyncpg
from babel.numbers import get_currency_precision, list_currencies

from domain.audit.service import record
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.kernel.errors import Conflict, InvalidInput, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.roles import HUMAN_ROLES, Role
from domain.kernel.text import clean_name
from domain.tenancy import queries
from domain.tenancy.dto import LOCALES, RULES, SETTING_STEPS, NewTenant, Purpose, SettingsChange, Tenant
from domain.tenancy.policy import Permission, require

_INSERT_TENANT = """
INSERT INTO tenants (id, guild_id, name, zone, currency, locale, cutoff_hour, order_bonus_minor,
                     win_rate_bonus_minor, created_at, answered_steps)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)
"""
_BIND_CHANNEL = """
INSERT INTO channel_bindings (tenant_id, purpose, channel_id) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, purpose) DO UPDATE SET channel_id = $3
"""
_BIND_ROLE = """
INSERT INTO role_bindings (tenant_id, role, discord_role_id) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, role) DO UPDATE SET discord_role_id = $3
"""


class TenancyService:
    """Use cases of tenancy; each opens its own transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._tenant_of_guild: dict[int, UUID] = {}

    async def create(self, new: NewTenant, command_key: str) -> Tenant:
        """Found a shop in a Discord guild with its owner.

        Raises:
            InvalidInput: Zone, currency, locale or cutoff hour is not one we know.
            Conflict: `tenant.guild_taken`: the guild has a shop already; of two at once one wins.
        """
        _check_settings(SettingsChange(new.name, new.zone, new.currency, new.locale, new.cutoff_hour))
        tenant_id, owner_id = uuid7(), uuid7()
        actor = Actor(tenant_id, new.owner_name[:80], frozenset({Role.OWNER}), command_key, owner_id)
        bonus_minor = 10 ** get_currency_precision(new.currency)
        try:
            async with self._db.tx(actor) as tx:
                now = self._clock.now()
                await tx.run(_INSERT_TENANT, tenant_id, new.guild_id, _shop_name(new.name), new.zone, new.currency,
                             new.locale, new.cutoff_hour, bonus_minor, now, list(new.answered_steps))  # fmt: skip
                await queries.upsert_member(tx, owner_id, new.owner_discord_id, new.owner_name, now)
                await queries.give_role(tx, owner_id, Role.OWNER)
                await record(tx, self._clock, "tenant.create", f"tenant {tenant_id}")
                return await queries.tenant(tx)
        except asyncpg.UniqueViolationError as exc:
            raise Conflict("tenant.guild_taken") from exc

    async def find_by_guild(self, guild_id: int) -> UUID | None:
        """The shop of a Discord guild; remembered, because a guild never changes hands."""
        if guild_id not in self._tenant_of_guild:
            async with self._db.routing() as tx:
                found: UUID | None = await tx.value("SELECT id FROM tenants WHERE guild_id = $1", guild_id)
            if found is None:
                return None
            self._tenant_of_guild[guild_id] = found
        return self._tenant_of_guild[guild_id]

    async def find_by_posted_message(self, message_id: int) -> UUID | None:
        """The shop that sent a Discord message; how a button in a direct message finds its tenant."""
        sql = "SELECT tenant_id FROM outbound_messages WHERE provider_message_id = $1 LIMIT 1"
        async with self._db.routing() as tx:
            found: UUID | None = await tx.value(sql, message_id)
        return found

    async def identify(
        self, tenant_id: UUID, discord_user_id: int, name: str, discord_role_ids: Sequence[int],
        command_key: str, locale: str | None = None,
    ) -> Actor:  # fmt: skip
        """Who acts: a member with the roles they have at this moment, or a stranger without any.

        A person with a bound Discord role who acts for the first time becomes a member. Without a locale (a plain
        message does not tell one) the one they last spoke stays; until they spoke, the shop's.

        Raises:
            PermissionDenied: `member.suspended`.
        """
        nobody = Actor(tenant_id, name[:80], frozenset(), command_key, None, discord_user_id, locale or "en")
        async with self._db.tx(nobody) as tx:
            found = await queries.identity(tx, discord_user_id, discord_role_ids)
            member_id = found.member_id
            if member_id is None and found.roles:
                member_id, _ = await queries.upsert_member(tx, uuid7(), discord_user_id, name, self._clock.now())
            if member_id is not None and locale is not None and found.locale != locale:
                await queries.remember_locale(tx, member_id, locale)
            known = locale or found.locale or (await queries.tenant(tx)).locale
        if found.status == "suspended":
            raise PermissionDenied("member.suspended")
        roles = frozenset[Role]() if found.status == "left" else found.roles
        return Actor(tenant_id, found.name or name[:80], roles, command_key, member_id, discord_user_id, known)

    async def tenant(self, actor: Actor) -> Tenant:
        """The actor's shop with its settings."""
        async with self._db.tx(actor) as tx:
            return await queries.tenant(tx)

    async def change_settings(self, actor: Actor, change: SettingsChange, expected: Tenant | None = None) -> Tenant:
        """Change what is given and leave the rest.

        What an order earned was booked when it was completed, and a payout address waits as long as it was told:
        bonuses, fines and limits count for what is done from now on.

        Args:
            actor: Who.
            change: What.
            expected: The shop as the person was shown it: with other `rules` nothing is changed. Of two at once the
                second is refused.

        Raises:
            InvalidInput: A value is not one we know, or out of its range in `RULES`.
            Conflict: `tenant.currency_in_use`: there are orders or entries in the old currency. Or
                `tenant.rules_changed`: not as shown.
        """
        require(actor, Permission.SETTINGS_CHANGE)
        _check_settings(change)
        values = _values(change)
        async with self._db.tx(actor) as tx:
            if "currency" in values:
                await _prepare_currency(tx, str(values["currency"]))
            await _check_rules(tx, expected)
            for name, value in values.items():
                # The names are the dataclass's own fields, never a person's words.
                await tx.run(f"UPDATE tenants SET {name} = $2 WHERE id = $1", tx.tenant_id, value)  # noqa: S608 - see above
            if values:
                await queries.answer_steps(tx, [name for name in values if name in SETTING_STEPS])
                await record(tx, self._clock, "tenant.change_settings", "tenant", dict(values))
            return await queries.tenant(tx)

    async def answer_step(self, actor: Actor, step: str) -> Tenant:
        """Note that `roles`, `channels` or `test` of the set-up is done, though something may be left out."""
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await queries.answer_steps(tx, [step])
            return await queries.tenant(tx)

    async def bind_channel(self, actor: Actor, purpose: Purpose, channel_id: int) -> None:
        """Say what a Discord channel is for; replaces the one before."""
        require(actor, Permission.SETTINGS_CHANGE)
        async with self._db.tx(actor) as tx:
            await tx.run(_BIND_CHANNEL, tx.tenant_id, purpose.value, channel_id)
            forget = "DELETE FROM channel_fallbacks WHERE tenant_id = $1 AND purpose = $2"
            await tx.run(forget, tx.tenant_id, purpose.value)
            await record(tx, self._clock, "tenant.bind_channel", purpose.value, {"channel_id": str(channel_id)})

    async def channels(self, actor: Actor) -> dict[Purpose, int]:
        """The Discord channel ids by purpose."""
        async with self._db.tx(actor) as tx:
            rows = await tx.rows("SELECT purpose, channel_id FROM channel_bindings WHERE tenant_id = $1", tx.tenant_id)
        return {Purpose(row["purpose"]): row["channel_id"] for row in rows}

    async def bind_role(self, actor: Actor, role: Role, discord_role_id: int) -> None:
        """Let a Discord role carry one of our roles; owner and system cannot be carried."""
        require(actor, Permission.SETTINGS_CHANGE)
        if role not in HUMAN_ROLES or role is Role.OWNER:
            raise InvalidInput("role.not_bindable", field="role", role=role.value)
        async with self._db.tx(actor) as tx:
            await tx.run(_BIND_ROLE, tx.tenant_id, role.value, discord_role_id)
            await record(tx, self._clock, "tenant.bind_role", role.value, {"role_id": str(discord_role_id)})

    async def roles(self, actor: Actor) -> dict[Role, int]:
        """The Discord role ids by the role they carry."""
        async with self._db.tx(actor) as tx:
            rows = await tx.rows("SELECT role, discord_role_id FROM role_bindings WHERE tenant_id = $1", tx.tenant_id)
        return {Role(row["role"]): row["discord_role_id"] for row in rows}

    async def tenant_ids(self) -> tuple[UUID, ...]:
        """Every shop, for the clock and for operators."""
        async with self._db.routing() as tx:
            return tuple(row["id"] for row in await tx.rows("SELECT id FROM tenants ORDER BY id"))


def _is_place(zone: str) -> bool:
    """A zone of a place, or UTC; not what a machine calls its own (`localtime`, `Factory`, `posixrules`)."""
    return zone == "UTC" or ("/" in zone and zone in available_timezones())


def _shop_name(name: str) -> str:
    return clean_name(name, field="name", limit=80)


def _values(change: SettingsChange) -> dict[str, object]:
    """What changes, by column."""
    values: dict[str, object] = {name: value for name, value in asdict(change).items() if value is not None}
    if values.pop("is_one_person_enough"):
        values["second_person_above_minor"] = None
    if change.name is not None:
        values["name"] = _shop_name(change.name)
    return values


async def _check_rules(tx: Tx, expected: Tenant | None) -> None:
    """Refuse when the rules are not those that were shown; the shop is held, so they stay so until the end."""
    if expected is None:
        return
    await tx.value("SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE", tx.tenant_id)
    if (await queries.tenant(tx)).rules != expected.rules:
        raise Conflict("tenant.rules_changed")


def _check_settings(change: SettingsChange) -> None:
    if change.name is not None and not 1 <= len(change.name.strip()) <= 80:
        raise InvalidInput("tenant.name_length", field="name")
    if change.zone is not None and not _is_place(change.zone):
        raise InvalidInput("tenant.unknown_zone", field="zone", text=change.zone[:40])
    if change.currency is not None and change.currency not in list_currencies():
        raise InvalidInput("tenant.unknown_currency", field="currency", text=change.currency[:10])
    if change.locale is not None and change.locale not in LOCALES:
        raise InvalidInput("tenant.unknown_locale", field="locale", text=change.locale[:10])
    if change.cutoff_hour is not None and not 0 <= change.cutoff_hour <= 23:
        raise InvalidInput("tenant.cutoff_hour", field="cutoff_hour")
    for name, (low, high) in RULES.items():
        value = getattr(change, name)
        if value is not None and not low <= value <= high:
            raise InvalidInput(_rule_code(name), field=name, rule=name, low=low, high=high)


def _rule_code(name: str) -> str:
    """Amounts, shares and numbers are told in sentences of their own."""
    if name.endswith("_minor"):
        return "tenant.rule_amount"
    return "tenant.rule_share" if name.endswith("_bp") else "tenant.rule_number"


async def _prepare_currency(tx: Tx, currency: str) -> None:
    """Refuse once there are orders; else carry the amounts over to the new currency's smallest unit.

    Nobody writes an order meanwhile: who does so holds the codes, and reads the currency afterwards.
    """
    await tx.value("SELECT hold_number('order')")
    old = await tx.row("SELECT currency FROM tenants WHERE id = $1 FOR UPDATE", tx.tenant_id)
    assert old is not None
    if old["currency"] == currency:
        return
    if await tx.value("SELECT EXISTS (SELECT 1 FROM orders WHERE tenant_id = $1)", tx.tenant_id):
        raise Conflict("tenant.currency_in_use")
    shift = get_currency_precision(currency) - get_currency_precision(old["currency"])
    sql = """UPDATE tenants SET order_bonus_minor = round(order_bonus_minor * 10::numeric ^ $2::int),
                 win_rate_bonus_minor = round(win_rate_bonus_minor * 10::numeric ^ $2::int),
                 second_person_above_minor = round(second_person_above_minor * 10::numeric ^ $2::int)
             WHERE id = $1"""
    await tx.run(sql, tx.tenant_id, shift)
