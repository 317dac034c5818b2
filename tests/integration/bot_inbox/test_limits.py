"""What the assistant may use is set by those who run the shop, and holds from the next answer on."""

import pytest

from tests.integration.bot_inbox.desk import Desk

TYPED = {"reopen": "24", "turn": "9000", "contact": "50000", "shop": "1000000", "money": "0,1 / 0.50 / 7,50"}


async def test_limits_are_shown_changed_and_kept(desk: Desk) -> None:
    olivia, lobby = desk.stage.olivia, desk.stage.lobby
    shown = await desk.slash(olivia, lobby, "agent show")
    assert "US dollars: answer / customer / shop**: 0.2 / 1 / 20" in shown.text
    saved = await desk.submit(olivia, await desk.click(olivia, shown, "Limits"), TYPED)
    assert "US dollars: answer / customer / shop**: 0.1 / 0.5 / 7.5" in saved.text
    settings = await desk.conversations.settings(await desk.system())
    assert (settings.reopen_hours, settings.turn_token_limit, settings.contact_day_token_limit) == (24, 9000, 50000)
    assert (settings.tenant_day_token_limit, settings.tenant_day_cost_limit_micros) == (1000000, 7_500_000)
    assert (settings.turn_cost_limit_micros, settings.contact_day_cost_limit_micros) == (100_000, 500_000)
    refused = await desk.slash(desk.sole, lobby, "agent limits")
    assert "Code: permission.denied" in refused.text


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("turn", "many", "This is no amount."), ("turn", "1.5", "This is no amount."),
        ("money", "1 / -1 / 2", "no amount"), ("money", "7.50", "Write three amounts"),
        ("shop", "0", "This must be from 1 to"), ("reopen", "9999", "This must be from 0 to 2160."),
        ("contact", "\u0663\u0663", "This is no amount."),
    ],
)  # fmt: skip
async def test_what_is_no_limit_changes_nothing(desk: Desk, field: str, wrong: str, said: str) -> None:
    olivia = desk.stage.olivia
    before = await desk.conversations.settings(await desk.system())
    form = await desk.slash(olivia, desk.stage.lobby, "agent limits")
    assert said in (await desk.submit(olivia, form, {**TYPED, field: wrong})).text
    assert await desk.conversations.settings(await desk.system()) == before
