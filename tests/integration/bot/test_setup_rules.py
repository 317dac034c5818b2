"""/setup's page of bonuses, fines and limits through the real client."""

import pytest

from domain.kernel.roles import Role
from domain.tenancy.dto import SettingsChange, Tenant
from sandbox.discord import Person, Reply
from tests.integration.bot.harness import Stage, labels

PAY, LIMITS = "Change bonuses and fines", "Change limits"


async def page(stage: Stage, who: Person | None = None, name: str = "Bonuses, fines, limits") -> Reply:
    """The page, by way of the checklist."""
    person = who or stage.olivia
    reply = await stage.settled(await person.slash(stage.lobby, "setup"))
    if name not in labels(reply.message):
        reply = await stage.settled(await person.click(reply, labels(reply.message)[-1]))
    return await stage.settled(await person.click(reply, name))


async def sent(stage: Stage, button: str, fields: dict[str, str]) -> Reply:
    form = await stage.olivia.click(await page(stage), button)
    return await stage.settled(await stage.olivia.submit(form, fields))


async def tenant_of(stage: Stage) -> Tenant:
    return await stage.services.tenancy.tenant(await stage.as_owner())


async def test_the_page_shows_what_holds_and_from_when_a_change_counts(shop_stage: Stage) -> None:
    reply = await page(shop_stage)
    assert reply.text.startswith(
        "### Bonuses, fines and limits\nFor orders completed from now on:\n- Order bonus: **$1.00**\n"
        "- Win-rate bonus: **$1.00**\n- Win-rate bonus from a win rate of: **60%**\n"
        "- Fine for a win rate under 50%: **off**\n- Fine for no tracking link within 5 days: **off**\n"
        "For payrolls paid, orders claimed and payout addresses given from now on:\n"
        "- Two people for payrolls above: **off, one person is enough**\n- Orders at once, per booster: **3**\n"
        "- Hours a new payout address waits: **24**"
    )
    assert "What was earned, paid or closed stays as it is." in reply.text
    assert labels(reply.message) == [PAY, LIMITS, "Checklist"]


async def test_bonuses_and_fines_are_changed_in_one_form(shop_stage: Stage) -> None:
    fields = {
        "order_bonus_minor": "1.50", "win_rate_bonus_minor": "$2", "win_rate_threshold_bp": "62.5 %",
        "low_win_rate_fine_percent": "25", "no_link_fine_percent": "10%",
    }  # fmt: skip
    reply = await sent(shop_stage, PAY, fields)
    assert "✅ Saved. It counts for orders completed from now on." in reply.text
    assert "- Win-rate bonus from a win rate of: **62.5%**\n- Fine for a win rate under 50%: **25%**" in reply.text
    tenant = await tenant_of(shop_stage)
    assert (tenant.order_bonus_minor, tenant.win_rate_bonus_minor, tenant.win_rate_threshold_bp) == (150, 200, 6250)
    assert (tenant.low_win_rate_fine_percent, tenant.no_link_fine_percent) == (25, 10)


async def test_limits_are_changed_and_the_second_person_is_taken_away_by_emptying_the_field(shop_stage: Stage) -> None:
    fields = {"second_person_above_minor": "500", "live_orders_limit": "5", "payout_hold_hours": "48"}
    reply = await sent(shop_stage, LIMITS, fields)
    assert "✅ Saved. It counts for payrolls paid, orders claimed" in reply.text
    assert "- Two people for payrolls above: **$500.00**\n- Orders at once, per booster: **5**" in reply.text
    tenant = await tenant_of(shop_stage)
    assert (tenant.second_person_above_minor, tenant.live_orders_limit, tenant.payout_hold_hours) == (50000, 5, 48)
    reply = await sent(shop_stage, LIMITS, {"second_person_above_minor": "0"})
    assert "- Two people for payrolls above: **$0.00**" in reply.text
    await sent(shop_stage, LIMITS, {"second_person_above_minor": ""})
    assert (await tenant_of(shop_stage)).second_person_above_minor is None


@pytest.mark.parametrize(
    ("button", "field", "typed", "sentence"),
    [
        (PAY, "order_bonus_minor", "-1", "“Order bonus” is an amount from zero up and not beyond reason."),
        (PAY, "win_rate_bonus_minor", "a lot", "“a lot” is not an amount I can read."),
        (PAY, "order_bonus_minor", "1 EUR", "Nothing was changed."),
        (PAY, "win_rate_threshold_bp", "101", "“Win-rate bonus from a win rate of” goes from 0 to 100%"),
        (PAY, "win_rate_threshold_bp", "most", "“Win-rate bonus from a win rate of” goes from 0 to 100%"),
        (PAY, "low_win_rate_fine_percent", "12.5", "“Fine for a win rate under 50%” is a whole number from 0 to 100."),
        (PAY, "no_link_fine_percent", "101", "“Fine for no tracking link within 5 days” is a whole number"),
        (LIMITS, "second_person_above_minor", "-0.01", "“Two people for payrolls above” is an amount from zero up"),
        (LIMITS, "live_orders_limit", "0", "“Orders at once, per booster” is a whole number from 1 to 100."),
        (LIMITS, "live_orders_limit", "few", "“Orders at once, per booster” is a whole number from 1 to 100."),
        (LIMITS, "payout_hold_hours", "0", "“Hours a new payout address waits” is a whole number from 1 to 720."),
        (LIMITS, "payout_hold_hours", "721", "“Hours a new payout address waits” is a whole number from 1 to 720."),
    ],
)
async def test_what_does_not_fit_is_refused_by_the_name_of_its_field(
    shop_stage: Stage, button: str, field: str, typed: str, sentence: str
) -> None:
    before = await tenant_of(shop_stage)
    reply = await sent(shop_stage, button, {field: typed})
    assert sentence in reply.followups[0].text
    assert "Nothing was changed." in reply.followups[0].text
    assert await tenant_of(shop_stage) == before


@pytest.mark.parametrize(("button", "field"), [(PAY, "order_bonus_minor"), (LIMITS, "live_orders_limit")])
async def test_a_form_that_somebody_overtook_saves_nothing(shop_stage: Stage, button: str, field: str) -> None:
    form = await shop_stage.olivia.click(await page(shop_stage), button)
    owner, tenancy = await shop_stage.as_owner(), shop_stage.services.tenancy
    after = await tenancy.change_settings(owner, SettingsChange(order_bonus_minor=300))
    reply = await shop_stage.settled(await shop_stage.olivia.submit(form, {field: "9"}))
    assert "⚠️ **Somebody else changed these settings meanwhile. Nothing of yours was saved." in reply.text
    assert "- Order bonus: **$3.00**" in reply.text
    assert await tenant_of(shop_stage) == after


async def test_whoever_may_not_change_settings_neither_sees_nor_sends_them(shop_stage: Stage) -> None:
    marta = await shop_stage.join("marta", Role.ADMIN)
    form = await marta.click(await page(shop_stage, marta), PAY)
    before = await tenant_of(shop_stage)
    other = shop_stage.guild.add_role("Other")
    await shop_stage.services.tenancy.bind_role(await shop_stage.as_owner(), Role.ADMIN, other.id)
    reply = await shop_stage.settled(await marta.submit(form, {"order_bonus_minor": "9"}))
    assert "permission.denied" in reply.followups[0].text
    assert await tenant_of(shop_stage) == before


@pytest.mark.parametrize(
    ("locale", "name"),
    [
        ("es-ES", "Bonos, multas, límites"), ("fr", "Primes, amendes, limites"), ("pt-BR", "Bônus, multas, limites"),
        ("en-US", "Bonuses, fines, limits"),
    ],
)  # fmt: skip
async def test_a_form_sent_as_it_opens_changes_nothing_in_any_language(
    shop_stage: Stage, locale: str, name: str
) -> None:
    owner, tenancy = await shop_stage.as_owner(), shop_stage.services.tenancy
    change = SettingsChange(
        order_bonus_minor=123456789, win_rate_bonus_minor=50, win_rate_threshold_bp=6250,
        low_win_rate_fine_percent=25, second_person_above_minor=123456,
    )  # fmt: skip
    before = await tenancy.change_settings(owner, change)
    marta = await shop_stage.join("marta", Role.ADMIN, locale=locale)
    for number in (0, 1):
        card = await page(shop_stage, marta, name)
        form = await marta.click(card, labels(card.message)[number])
        reply = await shop_stage.settled(await marta.submit(form, {}))
        assert "✅" in reply.text
        assert not reply.followups
    assert await tenancy.tenant(owner) == before
