"""Every card of orders, in every state and language, for every reader: within Discord's limits and harmless."""

import re

import discord
import pytest
from discord import ui

from bot.ui.order_card import one_line, order_card
from bot.ui.order_danger import ask_adjustment, ask_ending
from bot.ui.order_details import OrderView, claimed_card, details_card
from bot.ui.order_done import Asked, ask_completion, completed_card
from bot.ui.order_draft import draft_card
from bot.ui.order_list import FILTERS, list_card, my_card
from bot.ui.text import stamp
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.pages import Page
from domain.kernel.roles import Role
from domain.orders.dto import Completion, CompletionFigures, OrderState, Transition
from tests.unit.bot_orders.samples import ANA, actor, details, order, tariff, usd

READERS = [Reader(locale, stamp=stamp) for locale in LOCALES]
PEOPLE = [*(actor(role) for role in Role), actor(Role.BOOSTER, ANA)]
_MENTION = re.compile(r"<@[!&]?\d|@everyone|@here|(?<!\\)\|\||\]\(https?:")


def text_of(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def check(view: ui.LayoutView) -> str:
    """Within the limits of one message, and without anything that Discord would act on."""
    items = list(view.walk_children())
    text = text_of(view)
    assert len(items) <= 40
    assert len(text) <= 4000
    ids = [item.custom_id for item in items if isinstance(item, ui.Button | ui.Select)]
    assert len(ids) == len(set(ids))
    assert all(custom_id and len(custom_id) <= 100 for custom_id in ids)
    for row in items:
        if isinstance(row, ui.ActionRow):
            assert 1 <= len(row.children) <= 5
        if isinstance(row, ui.Button):
            assert row.label
            assert len(row.label) <= 80
    assert not _MENTION.search(text), text
    return text


@pytest.mark.parametrize("read", READERS, ids=LOCALES)
@pytest.mark.parametrize("is_evil", [False, True])
def test_every_card_in_every_state_is_within_the_limits_for_every_reader(read: Reader, is_evil: bool) -> None:
    for state in OrderState:
        sample = order(state, is_evil=is_evil)
        check(order_card(read, sample, tariff()))
        check(one_line(read, sample, "text"))
        for person in PEOPLE:
            view = OrderView(read, person, details(sample), tariff(), usd(3500))
            check(details_card(view, "note"))
            check(draft_card(view, ["warning", "warning"]))
            check(claimed_card(view))
            page = Page((sample,) * 10, 2, 95, 10)
            check(list_card(read, person, page, "live"))


@pytest.mark.parametrize("read", READERS, ids=LOCALES)
def test_every_question_and_record_is_within_the_limits(read: Reader) -> None:
    figures = details(order(OrderState.COMPLETED)).figures
    assert figures is not None
    for is_evil in (False, True):
        claimed, completed = order(OrderState.CLAIMED, is_evil=is_evil), order(OrderState.COMPLETED, is_evil=is_evil)
        for transition in (Transition.ABANDON, Transition.BAN, Transition.CANCEL, Transition.REOPEN):
            check(ask_ending(read, claimed, transition, partial_pay=usd(5), figures=figures))
        check(ask_adjustment(read, completed, usd(10**15), figures))
        check(ask_adjustment(read, completed, usd(-5), None))
        for person in PEOPLE:
            completion = Completion("D1" * 6, 10_000, False, True, True, usd(-(10**15)))
            check(ask_completion(read, person, Asked(claimed, completion, figures), is_changed=True))
            check(completed_card(read, person, completed, figures, figures.booster))
        check(my_card(read, PEOPLE[0], [claimed], ["money"], 3))
    for chosen in FILTERS:
        check(list_card(read, PEOPLE[0], Page((), 1, 0, 10), chosen))


@pytest.mark.parametrize("read", READERS, ids=LOCALES)
@pytest.mark.parametrize("state", list(OrderState))
def test_the_public_card_never_holds_money_or_the_customers_data(read: Reader, state: OrderState) -> None:
    text = text_of(order_card(read, order(state), tariff()))
    for secret in ("Marta", "marta01", "45.00", "45,00", "$", "Support", "track.example"):
        assert secret not in text


def test_public_cards_of_live_orders_are_full_and_of_finished_ones_one_line() -> None:
    read = READERS[0]
    assert text_of(order_card(read, order(OrderState.CLAIMED), tariff())).splitlines() == [
        "### 🎮 #4821 · Under way",
        "**E4 → D1** · League of Legends",
        "⏳ Due <t:1795453200:R> · +2 days · not ranked",
        "🎮 Ana, <t:1795194000:R>",
        "▰▰▰▰▱▱▱▱▱▱ 43% · **E1** · 61.5% wins · <t:1795194000:R>",
    ]
    lines = {state: text_of(order_card(read, order(state))) for state in OrderState}
    assert lines[OrderState.COMPLETED] == "✅ **#4821** E4 → D1 · Ana · 72% wins · <t:1795194000:R>"
    assert lines[OrderState.ABANDONED] == "🏳️ **#4821** E4 → D1 · Abandoned · Ana · <t:1795194000:R>"
    assert lines[OrderState.CANCELLED] == "✖️ **#4821** E4 → D1 · Cancelled · <t:1795194000:R>"
    assert lines[OrderState.BANNED] == "⛔ **#4821** E4 → D1 · Account banned · Ana · <t:1795194000:R>"


def test_each_state_has_its_own_look() -> None:
    first = [line.splitlines()[0] for line in (text_of(order_card(READERS[0], order(s))) for s in OrderState)]
    assert len(set(first)) == len(OrderState)


def test_red_stands_last_and_only_on_what_is_dangerous() -> None:
    view = details_card(OrderView(READERS[0], actor(Role.OWNER), details(order(OrderState.CLAIMED)), tariff()))
    styles = [item.style for item in view.walk_children() if isinstance(item, ui.Button)]
    assert styles == sorted(styles, key=lambda style: style is discord.ButtonStyle.danger)
    assert styles.count(discord.ButtonStyle.danger) == 2


def test_a_completion_comes_back_from_its_custom_id_as_it_went_in() -> None:
    from bot.ui.order_done import packed, unpacked

    for completion in (
        Completion("D1", 7200),
        Completion("A:B%3A", 10_000, False, True, None, usd(-300)),
        Completion("D1", 0, True, False, False, usd(10**15)),
    ):
        division, win_rate, flags, adjustment, shown = packed(completion, "abc")
        assert shown == "abc"
        back = unpacked(str(division), int(str(win_rate)), str(flags), usd(int(str(adjustment))))
        assert back == completion


def test_the_hash_changes_with_every_figure() -> None:
    amounts = [usd(n) for n in (1, 2, 3, 4, 5, 6, 7)]
    hashes = set()
    for place in range(8):
        changed = [usd(99) if place == n else amount for n, amount in enumerate(amounts)]
        figures = CompletionFigures(*changed[:7])  # type: ignore[arg-type]  # the warnings keep their default
        hashes.add(Asked(order(OrderState.CLAIMED), Completion("D1", 1), figures).hash)
    assert len(hashes) == 8


def test_a_price_that_is_not_what_is_booked_is_said_to_who_sees_money_before_completing() -> None:
    read, figures = Reader("en"), details(order(OrderState.COMPLETED)).figures
    assert figures is not None
    claimed, completion = order(OrderState.CLAIMED), Completion("d2", 7200)
    line = "The order says $45.00; the books take the tariff’s price of D2: $30.00."
    seller, booster = actor(Role.SELLER), actor(Role.BOOSTER, ANA)
    assert line in check(ask_completion(read, seller, Asked(claimed, completion, figures, usd(3000))))
    assert "the books take" not in check(ask_completion(read, seller, Asked(claimed, completion, figures, usd(4500))))
    assert "the books take" not in check(ask_completion(read, seller, Asked(claimed, completion, figures)))
    assert "the books take" not in check(ask_completion(read, booster, Asked(claimed, completion, figures, usd(3000))))
