"""Numbers: sealed, unique, stopped once."""

import pytest

from domain.channels.dto import Template
from domain.channels.service import ChannelService
from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.sealing import Sealer
from sandbox.clock import ManualClock
from tests.fixtures.channels import APP_SECRET, new_number
from tests.fixtures.shop import Shop, found_shop


async def test_an_account_shows_no_secret_and_its_door_opens_them(shop: Shop, channels: ChannelService) -> None:
    account = await channels.add_meta(shop.owner, new_number(waba_id="77", display_phone=" +34 600 "))
    assert (account.app, account.waba_id, account.display_phone, account.state) == ("nova", "77", "+34 600", "active")
    (door,) = await channels.doors("meta", "nova")
    assert (door.account_id, door.app_secret, door.verify_token) == (account.id, APP_SECRET, "verify-me")
    assert APP_SECRET not in repr(door)
    credentials = await channels.credentials(shop.owner, account.id)
    assert (credentials.access_token, credentials.is_active) == ("token-1", True)
    assert await channels.accounts(shop.owner) == (account,)


async def test_secrets_stand_nowhere_in_the_clear(shop: Shop, db: Database, channels: ChannelService) -> None:
    await channels.add_meta(shop.owner, new_number())
    async with db.tx(shop.owner) as tx:
        rows = await tx.rows("SELECT (SELECT string_agg(details::text, ' ') FROM audit_log) AS log, c.* "
                             "FROM channel_accounts c")  # fmt: skip
    for secret in (APP_SECRET, "token-1", "verify-me"):
        assert not any(secret.encode() in value for value in rows[0].values() if isinstance(value, bytes))
        assert secret not in rows[0]["log"]


async def test_a_number_belongs_to_one_shop(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    other = await found_shop(db, clock, guild_id=2002, name="Otra")
    await channels.add_meta(shop.owner, new_number())
    for who in (shop.owner, other.owner):
        with pytest.raises(Conflict, match="number_taken"):
            await channels.add_meta(who, new_number())


async def test_without_an_app_the_address_is_made_from_the_shop(shop: Shop, channels: ChannelService) -> None:
    account = await channels.add_meta(shop.owner, new_number(app=""))
    assert account.app == f"shop-{shop.tenant.id.hex}"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"app": "Nova"}, "bad_app"),
        ({"app": "x" * 41}, "bad_app"),
        ({"phone_number_id": "+34600"}, "bad_id"),
        ({"phone_number_id": "١٢٣"}, "bad_id"),
        ({"waba_id": "x"}, "bad_id"),
        ({"access_token": ""}, "bad_secret"),
        ({"access_token": "two words"}, "bad_secret"),
        ({"app_secret": "line\n"}, "bad_secret"),
        ({"verify_token": "ñ"}, "bad_secret"),
    ],
)
async def test_what_cannot_be_right_is_refused(
    shop: Shop, channels: ChannelService, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidInput, match=code):
        await channels.add_meta(shop.owner, new_number(**changes))


async def test_only_those_who_run_the_shop_connect_numbers(shop: Shop, channels: ChannelService) -> None:
    for name in ("seller", "dispatcher", "ana"):
        with pytest.raises(PermissionDenied):
            await channels.add_meta(shop.people[name], new_number())


async def test_a_stopped_number_is_told_of_once_and_a_new_token_starts_it(
    shop: Shop, db: Database, channels: ChannelService
) -> None:
    account = await channels.add_meta(shop.owner, new_number())
    for _ in range(2):
        await channels.stop(shop.owner, account.id, "190 token expired")
    async with db.tx(shop.owner) as tx:
        alerts = await tx.rows("SELECT purpose, params FROM outbound_messages WHERE kind = 'channel.alert'")
    assert [(row["purpose"], row["params"]["detail"]) for row in alerts] == [("red_alerts", "190 token expired")]
    assert not (await channels.credentials(shop.owner, account.id)).is_active
    assert (await channels.doors("meta", "nova")) != (), "what comes in is still taken"
    renewed = await channels.replace_token(shop.owner, account.id, "token-2")
    assert (renewed.state, renewed.stopped_reason) == ("active", None)
    assert (await channels.credentials(shop.owner, account.id)).access_token == "token-2"


async def test_another_shops_number_does_not_exist(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    account = await channels.add_meta(shop.owner, new_number())
    other = await found_shop(db, clock, guild_id=2002, name="Otra")
    assert await channels.accounts(other.owner) == ()
    for call in (channels.credentials(other.owner, account.id), channels.replace_token(other.owner, account.id, "x")):
        with pytest.raises(NotFound):
            await call


async def test_a_number_whose_key_is_lost_closes_only_its_own_door(
    shop: Shop, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    await channels.add_meta(shop.owner, new_number("1"))
    other = ChannelService(db, clock, Sealer(["eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="]))
    await other.add_meta(shop.owner, new_number("2"))
    assert [door.phone_number_id for door in await channels.doors("meta", "nova")] == ["1"]


async def test_templates_become_what_the_provider_says(shop: Shop, channels: ChannelService) -> None:
    account = await channels.add_meta(shop.owner, new_number())
    first = Template(account.id, "order_update", "es", "pending", "utility", "Hola {{1}}", ("1",), [{"type": "BODY"}])
    gone = Template(account.id, "old", "en", "approved", "utility", "Hi", (), [])
    await channels.save_templates(shop.owner, account.id, [first, gone])
    assert await channels.templates(shop.seller) == (gone, first)
    approved = Template(account.id, "order_update", "es", "approved", "utility", "Hola {{1}}", ("1",), [])
    await channels.save_templates(shop.owner, account.id, [approved])
    assert await channels.templates(shop.seller, account.id) == (approved,)
    assert await channels.templates(shop.seller, uuid7()) == ()
