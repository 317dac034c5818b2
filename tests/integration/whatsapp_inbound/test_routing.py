"""Whose item is it: numbers, business accounts, tenants that share an address."""

import asyncio
from typing import Any

from domain.channels.service import ChannelService
from domain.kernel.db import Database
from sandbox.clock import ManualClock
from tests.fixtures.channels import APP_SECRET, new_number
from tests.fixtures.meta_bodies import change, every_field_in_one_entry, message, one_text, post, status
from tests.fixtures.shop import Shop, found_shop
from tests.integration.whatsapp_inbound.conftest import NUMBER, Meta

SECRET_2 = "the-other-shop's-secret"


async def _other_shop(db: Database, clock: ManualClock, channels: ChannelService, secret: str = SECRET_2) -> Shop:
    other = await found_shop(db, clock, guild_id=2002, name="Otra")
    await channels.add_meta(other.owner, new_number("999", app_secret=secret))
    return other


async def test_an_unknown_number_is_200_and_counted(meta: Meta) -> None:
    known, unknown = change(messages=[message("wamid.1")]), change(phone_number_id="404", messages=[message("wamid.2")])
    assert await meta.post(post(unknown, known)) == 200
    assert [row["dedup_key"] for row in await meta.events()] == ["message:wamid.1"]
    assert b"guildhall_webhook_unknown_numbers_total 1.0" in meta.metrics.text()
    assert b'guildhall_webhooks_total{outcome="accepted"} 1.0' in meta.metrics.text()


async def test_a_number_added_a_moment_ago_is_found(meta: Meta, channels: ChannelService) -> None:
    assert await meta.post(one_text()) == 200
    await asyncio.sleep(1.05)  # the address is read again at most once a second
    await channels.add_meta(meta.shop.owner, new_number("405"))
    assert await meta.post(post(change(phone_number_id="405", messages=[message("wamid.2")]))) == 200
    assert len(await meta.events()) == 2


async def test_one_person_writing_to_two_shops_on_one_app_is_two_events(
    meta: Meta, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    other = await _other_shop(db, clock, channels, APP_SECRET)
    both = post(change(messages=[message("wamid.a")]), change(phone_number_id="999", messages=[message("wamid.a")]))
    assert await meta.post(both) == 200
    for shop in (meta.shop, other):
        (event,) = await meta.events(shop)
        assert (event["tenant_id"], event["lane"]) == (shop.tenant.id, "34600000001")


async def test_a_shop_cannot_sign_for_another_at_the_same_address(
    meta: Meta, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    other = await _other_shop(db, clock, channels)
    assert await meta.post(one_text(), secret=SECRET_2) == 200, "well signed, for a number that is not theirs"
    assert await meta.events() == []
    assert await meta.post(post(change(phone_number_id="999", messages=[message()])), secret=SECRET_2) == 200
    assert len(await meta.events(other)) == 1
    assert await meta.events() == []


async def test_news_without_a_number_finds_its_business_account(
    meta: Meta, db: Database, clock: ManualClock, channels: ChannelService
) -> None:
    await channels.add_meta(meta.shop.owner, new_number("777", waba_id="1000"))
    await asyncio.sleep(1.05)
    news = {"field": "account_update", "value": {"event": "ACCOUNT_VIOLATION"}}
    assert await meta.post(post(news, waba_id="1000")) == 200
    assert await meta.post(post(news, waba_id="2000")) == 200, "of two numbers, nobody's"
    (event,) = await meta.events()
    found = {row.id: row.phone_number_id for row in await channels.accounts(meta.shop.owner)}
    assert (event["kind"], found[event["account_id"]]) == ("news", "777")


async def test_news_without_a_number_belongs_to_the_only_account(meta: Meta) -> None:
    assert await meta.post(post({"field": "account_update", "value": {"event": "X"}}, waba_id="2000")) == 200
    assert await meta.kinds() == ["news"]


async def test_every_field_in_one_entry_is_counted_right(meta: Meta) -> None:
    assert await meta.post(every_field_in_one_entry()) == 200
    kinds = await meta.kinds()
    found = {kind: kinds.count(kind) for kind in set(kinds)}
    assert found == {"message": 1, "echo": 2, "status": 1, "call": 1, "news": 18}


async def test_messages_statuses_and_calls_mixed_in_one_change(meta: Meta) -> None:
    call = {"id": "wacid.1", "from": "34600000001", "event": "connect", "timestamp": "1795000000"}
    mixed = change(messages=[message(f"wamid.{n}") for n in range(3)], statuses=[status()], calls=[call])
    assert await meta.post(post(mixed)) == 200
    assert await meta.kinds() == ["message", "message", "message", "status", "call"]


async def test_a_bad_message_hurts_no_neighbour(meta: Meta) -> None:
    bad: list[Any] = [None, 5, "text", [], {}, {"id": None}, {"id": "wamid.x" * 1000, "type": ["?"]}]
    lists = [message("wamid.1"), *bad, message("wamid.2")]
    assert await meta.post(post(change(messages=lists))) == 200
    events = await meta.events()
    assert [row["dedup_key"] for row in events if row["dedup_key"] in ("message:wamid.1", "message:wamid.2")] == [
        "message:wamid.1", "message:wamid.2"
    ]  # fmt: skip
    assert len(events) == 2 + len(bad)


async def test_a_thousand_items_in_one_post_are_all_kept(meta: Meta) -> None:
    lists = [message(f"wamid.{n}", sender=f"346{n % 50:08}") for n in range(1000)]
    assert await meta.post(post(change(contacts=[], messages=lists))) == 200
    events = await meta.events()
    assert [row["dedup_key"] for row in events] == [f"message:wamid.{n}" for n in range(1000)]


async def test_entries_and_changes_without_shape_are_kept_as_unknown(meta: Meta) -> None:
    metadata = {"metadata": {"phone_number_id": NUMBER}}
    bodies: list[dict[str, Any]] = [
        {},
        {"entry": 5},
        {"entry": [5]},
        {"entry": [{"changes": "x"}]},
        {"entry": [{"changes": [None]}]},
        {"entry": [{"changes": [{"value": []}]}]},
        {"entry": [{"changes": [{"value": metadata}]}]},
        {"entry": [{"changes": [{"field": "messages", "value": metadata}]}]},
    ]
    for body in bodies:
        assert await meta.post(body) == 200
    kinds = await meta.kinds()
    assert len(kinds) == 8
    assert set(kinds) == {"unknown", "news"}
