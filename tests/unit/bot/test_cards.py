"""Cards within Discord's limits."""

from typing import Any

import discord
from discord import ui

from bot.ui.cards import button, card, rows, select
from bot.ui.danger import confirm_danger
from bot.ui.forms import form, text_field
from bot.ui.pages import page_buttons
from domain.i18n.reader import Reader
from domain.kernel.pages import Page


def total_text(view: ui.LayoutView) -> int:
    return sum(len(item.content) for item in view.walk_children() if isinstance(item, ui.TextDisplay))


async def test_a_card_with_too_much_text_is_cut_at_the_limit() -> None:
    view = card("Title", ["x" * 500] * 20, foot="foot " * 100)
    assert total_text(view) <= 4000


async def test_buttons_stand_five_to_a_row_and_selects_alone() -> None:
    buttons = [button(str(n), "test.press", n) for n in range(7)]
    choice = select("test.choose", options=[discord.SelectOption(label="a")])
    assert [len(row.children) for row in rows([*buttons, choice, button("last", "test.last")])] == [5, 2, 1, 1]


async def test_a_label_is_cut_at_the_limit() -> None:
    assert len(str(button("x" * 200, "test.press").label)) == 80


async def test_a_sent_card_is_not_kept_in_memory() -> None:
    assert card("Title").is_finished()
    assert form("Title", [text_field("a", "A")], "test.form").is_finished()


async def test_danger_is_red_and_stands_beside_cancel() -> None:
    view = confirm_danger(Reader("en"), "Suspend Ana?", ["effect"], "Suspend", "staff.suspend", "hash")
    found: list[Any] = [item for item in view.walk_children() if isinstance(item, ui.Button)]
    assert [(item.label, item.style.name, item.custom_id) for item in found] == [
        ("Suspend", "danger", "v1:staff.suspend:hash"),
        ("Cancel", "secondary", "v1:card.dismiss"),
    ]


def shown(number: int, total_count: int) -> list[tuple[Any, bool, str | None]]:
    found: list[Any] = page_buttons(Reader("en"), "staff.page", Page((), number, total_count, 10), "all")
    return [(item.label, item.disabled, item.custom_id) for item in found]


async def test_pages_carry_their_number_and_filter() -> None:
    assert shown(1, 9) == []
    assert shown(2, 25) == [
        ("◀", False, "v1:staff.page:1:all"),
        ("2 / 3", True, "v1:page.here"),
        ("▶", False, "v1:staff.page:3:all"),
    ]
    assert shown(3, 25)[2] == ("▶", True, "v1:staff.page:3:all")


async def test_page_buttons_never_share_a_custom_id() -> None:
    for number in (1, 2):
        ids = [custom_id for _, _, custom_id in shown(number, 20)]
        assert len(set(ids)) == 3


async def test_a_prefilled_field_longer_than_its_limit_is_cut() -> None:
    field = text_field("reason", "L" * 60, value="v" * 300, max_length=100)
    assert len(field.text) == 45
    assert isinstance(field.component, ui.TextInput)
    assert field.component.default is not None
    assert len(field.component.default) == 100
