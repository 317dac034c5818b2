"""Shops, who acts in them, and what their settings may be."""

import asyncio

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import Conflict, InvalidInput, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.tenancy.dto import NewTenant, Purpose, SettingsChange
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.meeting import meet
from tests.fixtures.shop import Shop, found_shop


@pytest.fixture
def tenancy(db: Database, clock: ManualClock) -> TenancyService:
    return TenancyService(db, clock)


async def test_a_shop_is_founded_with_its_owner(shop: Shop, tenancy: TenancyService) -> None:
    assert shop.owner.roles == {Role.OWNER}
    assert (await tenancy.tenant(shop.owner)).order_bonus_minor == 100
    assert await tenancy.find_by_guild(1001) == shop.tenant.id
    assert await tenancy.find_by_guild(404) is None
    assert await tenancy.tenant_ids() == (shop.tenant.id,)


async def test_ten_setups_of_one_guild_at_once_found_one_shop(tenancy: TenancyService) -> None:
    new = NewTenant("Nova", 5, 500, "Olivia", "Asia/Tokyo", "JPY", "fr", 0)
    results = await asyncio.gather(*(tenancy.create(new, str(uuid7())) for _ in range(10)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Conflict)]
    assert len(refused) == 9
    assert {error.code for error in refused} == {"tenant.guild_taken"}
    assert len(await tenancy.tenant_ids()) == 1


async def test_a_yen_bonus_has_no_decimals(tenancy: TenancyService) -> None:
    tenant = await tenancy.create(NewTenant("N", 5, 500, "O", "Asia/Tokyo", "JPY", "fr", 0), "k")
    assert tenant.order_bonus_minor == 1


async def test_roles_come_and_go_with_the_discord_role(shop: Shop, tenancy: TenancyService) -> None:
    booster_role = (await tenancy.roles(shop.owner))[Role.BOOSTER]
    ana = shop.ana.discord_user_id or 0
    with_role = await tenancy.identify(shop.tenant.id, ana, "Ana", [booster_role, 7], "k", "es")
    without = await tenancy.identify(shop.tenant.id, ana, "Ana", [7], "k", "es")
    assert with_role.roles == {Role.BOOSTER}
    assert without.roles == frozenset()
    assert with_role.member_id == without.member_id == shop.ana.member_id


async def test_a_stranger_has_no_row_and_no_roles(shop: Shop, tenancy: TenancyService) -> None:
    stranger = await tenancy.identify(shop.tenant.id, 31337, "@everyone", [], "k", "en")
    assert (stranger.member_id, stranger.roles) == (None, frozenset())
    with pytest.raises(PermissionDenied):
        await tenancy.bind_channel(stranger, Purpose.LOG, 1)


async def test_one_person_arriving_eight_times_at_once_is_one_member(shop: Shop, tenancy: TenancyService) -> None:
    role = (await tenancy.roles(shop.owner))[Role.SELLER]
    arrivals = [tenancy.identify(shop.tenant.id, 909, "Nia", [role], f"k{n}", "en") for n in range(8)]
    assert len({actor.member_id for actor in await asyncio.gather(*arrivals)}) == 1


async def test_roles_of_one_shop_mean_nothing_in_another(
    shop: Shop, tenancy: TenancyService, db: Database, clock: ManualClock
) -> None:
    rival = await found_shop(db, clock, guild_id=2002, name="Rival")
    role = (await tenancy.roles(shop.owner))[Role.ADMIN]
    intruder = await tenancy.identify(rival.tenant.id, shop.owner.discord_user_id or 0, "Olivia", [role], "k", "en")
    assert intruder.roles == frozenset()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (SettingsChange(zone="Mars/Olympus"), "tenant.unknown_zone"),
        (SettingsChange(currency="XYZ"), "tenant.unknown_currency"),
        (SettingsChange(locale="de"), "tenant.unknown_locale"),
        (SettingsChange(cutoff_hour=24), "tenant.cutoff_hour"),
        (SettingsChange(name=" "), "tenant.name_length"),
        (SettingsChange(order_bonus_minor=-1), "tenant.rule_amount"),
        (SettingsChange(win_rate_bonus_minor=10**15 + 1), "tenant.rule_amount"),
        (SettingsChange(second_person_above_minor=-1), "tenant.rule_amount"),
        (SettingsChange(win_rate_threshold_bp=10_001), "tenant.rule_share"),
        (SettingsChange(low_win_rate_fine_percent=101), "tenant.rule_number"),
        (SettingsChange(no_link_fine_percent=-1), "tenant.rule_number"),
        (SettingsChange(live_orders_limit=0), "tenant.rule_number"),
        (SettingsChange(payout_hold_hours=0), "tenant.rule_number"),
        (SettingsChange(payout_hold_hours=721), "tenant.rule_number"),
    ],
)
async def test_a_wrong_setting_is_refused_and_changes_nothing(
    change: SettingsChange, code: str, shop: Shop, tenancy: TenancyService
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await tenancy.change_settings(shop.owner, change)
    assert refusal.value.code == code
    assert await tenancy.tenant(shop.owner) == shop.tenant


async def test_settings_change_only_what_is_given(shop: Shop, tenancy: TenancyService) -> None:
    changed = await tenancy.change_settings(shop.act("admin"), SettingsChange(cutoff_hour=4, locale="es"))
    assert (changed.cutoff_hour, changed.locale, changed.zone) == (4, "es", "Europe/Madrid")


async def test_one_person_is_enough_again_when_the_limit_is_taken_away(shop: Shop, tenancy: TenancyService) -> None:
    limited = await tenancy.change_settings(shop.act("admin"), SettingsChange(second_person_above_minor=0))
    assert limited.second_person_above_minor == 0
    kept = await tenancy.change_settings(shop.act("admin"), SettingsChange(live_orders_limit=4))
    assert kept.second_person_above_minor == 0
    free = await tenancy.change_settings(shop.act("admin"), SettingsChange(is_one_person_enough=True))
    assert (free.second_person_above_minor, free.live_orders_limit) == (None, 4)


async def test_of_two_who_change_the_same_rules_at_once_the_second_is_refused(
    shop: Shop, tenancy: TenancyService, owner_url: str
) -> None:
    changes = [SettingsChange(order_bonus_minor=200), SettingsChange(win_rate_bonus_minor=300)]
    results = await meet(
        owner_url, "SELECT FROM guildhall.tenants WHERE id = $1 FOR UPDATE", shop.tenant.id,
        *(tenancy.change_settings(shop.act("admin"), change, shop.tenant) for change in changes),
    )  # fmt: skip
    (refused,) = [result for result in results if isinstance(result, Conflict)]
    assert refused.code == "tenant.rules_changed"
    after = await tenancy.tenant(shop.owner)
    assert after in results
    assert (after.order_bonus_minor, after.win_rate_bonus_minor) in ((200, 100), (100, 300))


async def test_a_rule_that_was_shown_in_another_currency_is_refused(shop: Shop, tenancy: TenancyService) -> None:
    await tenancy.change_settings(shop.act("owner"), SettingsChange(currency="EUR"))
    with pytest.raises(Conflict, match=r"tenant\.rules_changed"):
        await tenancy.change_settings(shop.act("admin"), SettingsChange(order_bonus_minor=200), shop.tenant)


@pytest.mark.parametrize("person", ["dispatcher", "seller", "ana", "viewer"])
async def test_settings_are_for_owner_and_admin(person: str, shop: Shop, tenancy: TenancyService) -> None:
    with pytest.raises(PermissionDenied):
        await tenancy.change_settings(shop.act(person), SettingsChange(cutoff_hour=4))
    assert (await tenancy.tenant(shop.owner)).cutoff_hour == 6


async def test_the_owner_role_is_not_carried_by_a_discord_role(shop: Shop, tenancy: TenancyService) -> None:
    with pytest.raises(InvalidInput):
        await tenancy.bind_role(shop.owner, Role.OWNER, 1)


async def test_the_language_of_a_client_is_remembered_for_direct_messages(
    shop: Shop, tenancy: TenancyService, db: Database
) -> None:
    ana = shop.ana.discord_user_id or 0
    for locale in ("es", "es", "pt-BR"):
        await tenancy.identify(shop.tenant.id, ana, "Ana", [], "k", locale)
    async with db.tx(shop.owner) as tx:
        assert await tx.value("SELECT locale FROM members WHERE id = $1", shop.ana.member_id) == "pt-BR"
