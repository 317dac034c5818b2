"""Every card about money, in four languages, within Discord's limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.ui.cards import Card
from bot.ui.close_cards import Shown as ShownDay
from bot.ui.close_cards import closed_sheet, live_sheet, posted_card, reminder_card
from bot.ui.close_cards import what_changed as what_changed_of_day
from bot.ui.close_files import lines_file
from bot.ui.payroll_cards import Looking, Shown, preview_card, run_card, what_changed
from bot.ui.payroll_runs import runs_card
from bot.ui.payroll_stub import dispute_form, dispute_notice, paid_notice, stub_card, stub_files
from bot.ui.text import stamp
from domain.i18n.catalog import LOCALES
from domain.i18n.reader import Reader
from domain.kernel.pages import Page
from domain.payroll.dto import RunState
from tests.unit.bot_money import world

_PAGES = (1, 2, 3, 10**9, -4)
_TEXT, _CONTAINER = 10, 17


def close_cards(read: Reader) -> Iterator[Card]:
    for line_count in (0, 1, 14, 60, 400):
        report = world.report(line_count)
        notes = what_changed_of_day(read, ShownDay(max(0, line_count - 9), 100), report, was_closing=True)
        for number in _PAGES:
            yield live_sheet(read, report, number, notes).view
            yield closed_sheet(read, world.closed(line_count), number).view
    yield live_sheet(read, world.report(3, day_count=0)).view
    yield live_sheet(read, world.report(3, day_count=1)).view
    for shows_money in (True, False):
        yield posted_card(read, world.closed(), shows_money=shows_money, has_file=shows_money)
    yield reminder_card(read, world.DAY)


def payroll_cards(read: Reader) -> Iterator[Card]:
    for actor in (world.owner(), world.owner(2), world.admin()):
        look = Looking(read, actor, world.tenant())
        notes = (what_changed(read, Shown(1, 2), world.preview()), what_changed(read, Shown(123_456_789, 150),
                                                                               world.preview()))  # fmt: skip
        for number in _PAGES:
            yield preview_card(look, world.preview(), number, notes)
            for state in RunState:
                yield run_card(look, world.details(state), number, notes)
        yield preview_card(look, world.preview(0))
        yield run_card(look, world.details(RunState.PAID), csv_name="payroll-1.csv")
    yield runs_card(read, Page((), 1, 0, 10))
    yield runs_card(read, Page(tuple(world.run(state) for state in [RunState.LOCKED, RunState.PAID] * 5), 2, 31, 10))
    for line_count in (1, 25, 26, 60):
        for disputed in (True, False):
            yield stub_card(read, "Nova **Boost**", world.stub(line_count, disputed=disputed))
    for shows_money in (True, False):
        yield paid_notice(read, world.details(RunState.PAID), shows_money=shows_money)
        yield dispute_notice(read, 12, world.LONG_NAME, "no @everyone " * 70, shows_words=shows_money)


def components_of(card: Card) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = card.to_components()  # type: ignore[no-untyped-call]  # discord.py leaves it bare
    return found


def everything_in(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from everything_in(component.get("components", []))


def check_limits(card: Card) -> str:
    """What Discord would refuse; the text of the card."""
    found = list(everything_in(components_of(card)))
    texts = [component["content"] for component in found if component["type"] == _TEXT]
    ids = [component["custom_id"] for component in found if "custom_id" in component]
    assert len(found) <= 40
    assert sum(len(text) for text in texts) <= 4000
    assert all(texts)
    assert len(ids) == len(set(ids))
    assert all(len(custom_id) <= 100 for custom_id in ids)
    return "\n".join(texts)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_close_card_reads_in_every_language_within_the_limits(locale: str) -> None:
    for card in close_cards(Reader(locale, stamp=stamp)):
        assert "@everyone" not in check_limits(card)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_payroll_card_reads_in_every_language_within_the_limits(locale: str) -> None:
    for card in payroll_cards(Reader(locale, stamp=stamp)):
        text = check_limits(card)
        assert "@everyone" not in text
        assert "<@1>" not in text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_form_fits_discord(locale: str) -> None:
    payload = dispute_form(Reader(locale), world.stub()).to_dict()
    assert len(payload["title"]) <= 45
    [label] = payload["components"]
    assert len(label["label"]) <= 45
    assert len(label["description"]) <= 100
    assert len(label["component"]["placeholder"]) <= 100
    assert label["component"]["max_length"] == 1000


@pytest.mark.parametrize("locale", LOCALES)
def test_files_hold_every_line_in_every_language(locale: str) -> None:
    read = Reader(locale)
    assert lines_file(read, world.report(400)).fp.read().decode("utf-8-sig").count("\r\n") == 401
    [file] = stub_files(read, world.stub(60))
    assert file.fp.read().decode("utf-8-sig").count("\r\n") == 61
    assert stub_files(read, world.stub(25)) == ()


def test_every_page_of_a_long_day_together_holds_every_line_once() -> None:
    read = Reader("fr", stamp=stamp)
    report = world.report(400)
    codes: list[int] = []
    number = 1
    while True:
        text = check_limits(live_sheet(read, report, number).view)
        own = [int(line.split("`")[1][1:]) for line in text.splitlines() if line.startswith("`#")]
        if number > 1 and own == codes[-len(own) :]:
            break
        codes += own
        number += 1
    assert codes == list(range(4821, 5221))


def test_the_red_button_carries_the_day_and_the_hash() -> None:
    card = live_sheet(Reader("en", stamp=stamp), world.report(2)).view
    ids = [c["custom_id"] for c in everything_in(components_of(card)) if "custom_id" in c]
    packed = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s"
    assert ids == ["v1:close.show:2026-11-20", f"v1:close.day:2026-11-20:{packed}:2:246913578"]
    containers = [c for c in components_of(card) if c["type"] == _CONTAINER]
    assert len(containers) == 2
