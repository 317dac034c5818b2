"""What people type into the forms of orders, and the forms themselves."""

from dataclasses import replace

import pytest
from discord import ui

from bot.ui.order_forms import (
    amount_form,
    completion_form,
    extension_form,
    order_form,
    parse_days,
    parse_percent,
    progress_form,
    reason_form,
    terms_form,
)
from bot.ui.order_text import progress_share
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.errors import InvalidInput
from domain.kernel.roles import Role
from domain.orders.dto import OrderState, TariffLine, Transition
from domain.tenancy.dto import Tenant
from tests.unit.bot_orders.samples import NOW, actor, order, tariff, usd


@pytest.mark.parametrize(
    ("typed", "bp"),
    [("72", 7200), ("72.5", 7250), ("72,5 %", 7250), ("0", 0), ("100%", 10_000), (" 61.25 ", 6125), ("999", 99_900)],
)
def test_a_win_rate_is_read_as_people_type_it(typed: str, bp: int) -> None:
    assert parse_percent(typed) == bp


@pytest.mark.parametrize("typed", ["", "many", "-5", "72.555", "1e2", "７２", "72 5", "%"])
def test_what_is_no_win_rate_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_percent(typed)
    assert refusal.value.code == "order.win_rate"


def test_days_are_whole_and_anything_else_is_out_of_bounds() -> None:
    assert [parse_days(text) for text in ("3", "+3", " 12 ", "0", "-1", "1.5", "x", "", "9" * 40)] == [
        3, 3, 12, 0, 0, 0, 0, 0, 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "here", "share"),
    [("E4", "E4", 0.0), ("E4", "E1", 3 / 7), ("E4", "D1", 1.0), ("Gold 2", "E4", 1 / 8), ("E4", "X", 0.0),
     ("D3", "E4", 0.0), ("D1", "D1", None)],
)  # fmt: skip
def test_progress_is_counted_in_steps_of_the_tariff(start: str, here: str, share: float | None) -> None:
    sample = replace(order(OrderState.CLAIMED), start_division=start, progress_division=here)
    assert progress_share(sample, tariff()) == (share if share is None else pytest.approx(share))


def test_without_a_tariff_there_is_no_bar() -> None:
    assert progress_share(order(OrderState.CLAIMED), None) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_is_within_the_limits(locale: str) -> None:
    read, sample = Reader(locale), order(OrderState.CLAIMED, is_evil=True)
    tenant = _tenant()
    for modal in (
        order_form(read, tariff(), tenant, None, "orders.new", 0),
        order_form(read, tariff(), tenant, sample, "order.edited", sample.code),
        terms_form(read, sample),
        completion_form(read, actor(Role.OWNER), sample, tariff()),
        progress_form(read, sample, tariff()),
        extension_form(read, sample),
        amount_form(read, sample),
        *(reason_form(read, transition, sample.code, -(10**15)) for transition in _WITH_REASON),
    ):
        assert 1 <= len(modal.children) <= 5
        assert 1 <= len(modal.title) <= 45
        for label in modal.children:
            assert isinstance(label, ui.Label)
            assert 1 <= len(label.text) <= 45
            assert len(label.description or "") <= 100


def test_a_tariff_longer_than_a_menu_is_typed() -> None:
    lines = tuple(TariffLine(f"X{n}", usd(1000), usd(1), 2) for n in range(26))
    modal = progress_form(Reader("en"), order(OrderState.CLAIMED), replace(tariff(), lines=lines))
    label = modal.children[0]
    assert isinstance(label, ui.Label)
    assert isinstance(label.component, ui.TextInput)


_WITH_REASON = (
    Transition.RELEASE, Transition.PAUSE, Transition.ABANDON, Transition.BAN, Transition.CANCEL, Transition.REOPEN,
    Transition.ADJUST,
)  # fmt: skip


def _tenant() -> Tenant:
    from uuid import UUID

    return Tenant(UUID(int=3), 1, "Shop", "Europe/Madrid", "USD", "en", 6, 100, 100, 6000, 0, 0, None, 3, 24, (), NOW)


def test_the_progress_form_begins_where_the_order_is_and_never_at_its_target() -> None:
    def offered(**facts: object) -> list[str]:
        held = replace(order(OrderState.CLAIMED), **{"start_division": "e4", **facts})  # type: ignore[arg-type]  # any
        form = progress_form(Reader("en"), held, tariff())
        (menu,) = [item for item in form.walk_children() if isinstance(item, ui.Select)]
        return [option.value for option in menu.options if option.default]

    assert offered(progress_division=None) == ["E4"]
    assert offered(progress_division="E1") == ["E1"]
    assert offered(progress_division=None, start_division="Iron IV") == []
