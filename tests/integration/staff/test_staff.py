"""Adding, finding and suspending people."""

import asyncio
import base64

import pytest

from domain.kernel.db import Database
from domain.kernel.errors import Conflict, DomainError, InvalidInput, NotFound, PermissionDenied
from domain.kernel.ids import uuid7
from domain.kernel.roles import Role
from domain.kernel.sealing import Sealer
from domain.orders.dto import NewOrder
from domain.orders.service import OrderService
from domain.staff.dto import Limits, MemberStatus, StaffMember
from domain.staff.service import StaffService
from domain.tenancy.service import TenancyService
from sandbox.clock import ManualClock
from tests.fixtures.meeting import meet
from tests.fixtures.shop import Shop, found_shop


@pytest.fixture
def staff(db: Database, clock: ManualClock) -> StaffService:
    return StaffService(db, clock, Sealer([base64.b64encode(b"k" * 32).decode()]))


async def audited(db: Database, shop: Shop) -> int:
    async with db.tx(shop.owner) as tx:
        return int(await tx.value("SELECT count(*) FROM audit_log"))


async def test_a_person_is_added_with_a_role_once(staff: StaffService, shop: Shop, db: Database) -> None:
    added = await staff.add(shop.act("admin"), 777, " Carla  Ruiz ", Role.BOOSTER)
    assert (added.name, added.roles, added.status) == ("Carla Ruiz", frozenset({Role.BOOSTER}), MemberStatus.ACTIVE)
    before = await audited(db, shop)
    assert await staff.add(shop.act("admin"), 777, "Carla Ruiz", Role.BOOSTER) == added
    assert await audited(db, shop) == before
    both = await staff.add(shop.act("admin"), 777, "Carla Ruiz", Role.SELLER)
    assert (both.id, both.roles) == (added.id, frozenset({Role.BOOSTER, Role.SELLER}))


async def test_the_same_person_added_at_once_is_one_member(staff: StaffService, shop: Shop) -> None:
    added = await asyncio.gather(*(staff.add(shop.act("admin"), 777, "Carla", Role.BOOSTER) for _ in range(8)))
    assert len({member.id for member in added}) == 1


@pytest.mark.parametrize(
    ("user_id", "name", "role"),
    [(0, "Carla", Role.BOOSTER), (2**63, "Carla", Role.BOOSTER), (7, "", Role.BOOSTER), (7, "x" * 81, Role.BOOSTER),
     (7, "Carla", Role.SYSTEM)],
)  # fmt: skip
async def test_a_person_who_cannot_be_is_refused(
    staff: StaffService, shop: Shop, db: Database, user_id: int, name: str, role: Role
) -> None:
    before = await audited(db, shop)
    with pytest.raises(InvalidInput):
        await staff.add(shop.act("owner"), user_id, name, role)
    assert await audited(db, shop) == before
    assert (await staff.list(shop.owner)).total_count == 7


async def test_only_an_owner_makes_or_suspends_an_owner(staff: StaffService, shop: Shop) -> None:
    with pytest.raises(PermissionDenied, match=r"staff\.owner_by_owner"):
        await staff.add(shop.act("admin"), 777, "Carla", Role.OWNER)
    second = await staff.add(shop.act("owner"), 777, "Carla", Role.OWNER)
    with pytest.raises(PermissionDenied, match=r"staff\.owner_by_owner"):
        await staff.suspend(shop.act("admin"), second.id, "coup")
    suspended = await staff.suspend(shop.act("owner"), second.id, "sold her part")
    assert suspended.status is MemberStatus.SUSPENDED
    with pytest.raises(PermissionDenied, match=r"staff\.owner_by_owner"):
        await staff.reinstate(shop.act("admin"), second.id)


async def test_the_last_owner_stays(staff: StaffService, shop: Shop) -> None:
    assert shop.owner.member_id is not None
    with pytest.raises(Conflict, match=r"staff\.last_owner"):
        await staff.suspend(shop.act("owner"), shop.owner.member_id, "tired")
    assert (await staff.get(shop.owner, shop.owner.member_id)).status is MemberStatus.ACTIVE


async def test_of_two_owners_who_suspend_each_other_at_once_one_stays(staff: StaffService, shop: Shop) -> None:
    second = await staff.add(shop.act("owner"), 777, "Carla", Role.OWNER)
    assert shop.owner.member_id is not None
    results = await asyncio.gather(
        staff.suspend(shop.act("owner"), second.id, "you"),
        staff.suspend(shop.act("owner"), shop.owner.member_id, "no, you"),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "StaffMember"]


async def test_suspending_keeps_live_orders_and_says_how_many(
    staff: StaffService, shop: Shop, db: Database, clock: ManualClock
) -> None:
    orders = OrderService(db, clock)
    for _ in range(2):
        order = await orders.create(shop.act("seller"), NewOrder("Marta", "E4", "D1"))
        await orders.publish(shop.act("seller"), order.code)
        await orders.claim(shop.act("ana"), order.code)
    assert shop.ana.member_id is not None
    suspended = await staff.suspend(shop.act("admin"), shop.ana.member_id, "no answer for days")
    assert (suspended.status, suspended.live_order_count) == (MemberStatus.SUSPENDED, 2)
    before = await audited(db, shop)
    assert await staff.suspend(shop.act("admin"), shop.ana.member_id, "again") == suspended
    assert await audited(db, shop) == before
    assert shop.ana.discord_user_id is not None
    with pytest.raises(PermissionDenied, match=r"member\.suspended"):
        await TenancyService(db, clock).identify(shop.tenant.id, shop.ana.discord_user_id, "Ana", [], "k", "en")
    back = await staff.reinstate(shop.act("admin"), shop.ana.member_id)
    assert (back.status, back.live_order_count) == (MemberStatus.ACTIVE, 2)
    assert await staff.reinstate(shop.act("admin"), shop.ana.member_id) == back


async def test_limits_replace_the_profile_as_a_whole(staff: StaffService, shop: Shop, db: Database) -> None:
    assert shop.ana.member_id is not None
    limits = Limits(1, (" d1", "D1", "e2"), is_ranked=False)
    member = await staff.set_limits(shop.act("admin"), shop.ana.member_id, limits)
    assert (member.live_orders_limit, member.divisions, member.is_ranked) == (1, ("D1", "E2"), False)
    before = await audited(db, shop)
    assert await staff.set_limits(shop.act("admin"), shop.ana.member_id, limits) == member
    assert await audited(db, shop) == before
    cleared = await staff.set_limits(shop.act("admin"), shop.ana.member_id, Limits())
    assert (cleared.live_orders_limit, cleared.divisions, cleared.is_ranked) == (None, (), True)


async def test_of_two_who_change_the_same_limits_at_once_the_second_is_refused(
    staff: StaffService, shop: Shop, owner_url: str
) -> None:
    assert shop.ana.member_id is not None
    shown = (await staff.set_limits(shop.act("admin"), shop.ana.member_id, Limits(9))).limits
    results = await meet(
        owner_url, "SELECT FROM guildhall.staff_profiles WHERE member_id = $1 FOR UPDATE", shop.ana.member_id,
        *(staff.set_limits(shop.act("admin"), shop.ana.member_id, Limits(n), shown) for n in (1, 2)),
    )  # fmt: skip
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "StaffMember"]
    (saved,) = [result for result in results if isinstance(result, StaffMember)]
    assert await staff.get(shop.owner, shop.ana.member_id) == saved


@pytest.mark.parametrize("limits", [Limits(0), Limits(101), Limits(divisions=("x" * 13,)), Limits(divisions=("",))])
async def test_limits_out_of_range_are_refused(staff: StaffService, shop: Shop, limits: Limits) -> None:
    assert shop.ana.member_id is not None
    before = await staff.get(shop.owner, shop.ana.member_id)
    with pytest.raises(InvalidInput):
        await staff.set_limits(shop.act("admin"), shop.ana.member_id, limits)
    assert await staff.get(shop.owner, shop.ana.member_id) == before


async def test_a_list_has_pages_of_ten_by_name(staff: StaffService, shop: Shop) -> None:
    for n in range(5):
        await staff.add(shop.act("admin"), 700 + n, f"zz {n}", Role.BOOSTER)
    first, second = await staff.list(shop.owner), await staff.list(shop.owner, 99)
    assert [member.name for member in first.rows[:3]] == ["Admin", "Ana", "Bruno"]
    assert (len(first.rows), first.total_count, second.number) == (10, 12, 2)
    assert [member.name for member in second.rows] == ["zz 3", "zz 4"]
    boosters = await staff.list(shop.owner, 1, Role.BOOSTER)
    assert [member.name for member in boosters.rows] == [f"zz {n}" for n in range(5)]


async def test_suggestions_find_part_of_a_name(staff: StaffService, shop: Shop) -> None:
    assert [member.name for member in await staff.suggest(shop.owner, "AN")] == ["Ana"]
    assert len(await staff.suggest(shop.owner, "")) == 7
    assert await staff.suggest(shop.owner, "%") == []


async def test_another_tenants_member_does_not_exist(
    staff: StaffService, shop: Shop, db: Database, clock: ManualClock
) -> None:
    other = await found_shop(db, clock, guild_id=2002)
    theirs = other.ana.member_id
    assert theirs is not None
    for member_id in (theirs, uuid7()):
        with pytest.raises(NotFound, match=r"staff\.unknown"):
            await staff.get(shop.owner, member_id)
        with pytest.raises(NotFound):
            await staff.suspend(shop.act("owner"), member_id, "why not")
        with pytest.raises(NotFound):
            await staff.reinstate(shop.act("owner"), member_id)
        with pytest.raises(NotFound):
            await staff.set_limits(shop.act("owner"), member_id, Limits(1))
    assert (await staff.get(other.owner, theirs)).status is MemberStatus.ACTIVE


async def test_staff_is_changed_by_leads_and_seen_by_dispatchers(staff: StaffService, shop: Shop) -> None:
    assert shop.bruno.member_id is not None
    for person in ("dispatcher", "seller", "ana", "viewer"):
        actor = shop.act(person)
        refused = await asyncio.gather(
            staff.add(actor, 777, "Carla", Role.BOOSTER),
            staff.suspend(actor, shop.bruno.member_id, "why not"),
            staff.reinstate(actor, shop.bruno.member_id),
            staff.set_limits(actor, shop.bruno.member_id, Limits(1)),
            return_exceptions=True,
        )
        assert {type(result) for result in refused} == {PermissionDenied}
    for person in ("seller", "ana", "viewer"):
        for look in (staff.list(shop.act(person)), staff.suggest(shop.act(person), "a")):
            with pytest.raises(DomainError):
                await look
    assert (await staff.list(shop.act("dispatcher"))).total_count == 7


async def test_everybody_may_see_themselves_and_only_themselves(staff: StaffService, shop: Shop) -> None:
    assert shop.ana.member_id is not None
    assert shop.bruno.member_id is not None
    assert (await staff.get(shop.act("ana"), shop.ana.member_id)).name == "Ana"
    with pytest.raises(PermissionDenied):
        await staff.get(shop.act("ana"), shop.bruno.member_id)
