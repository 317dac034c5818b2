"""The day's budget is the shop's business day, wherever on earth the shop is and whenever its day ends."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.conversations.dto import Outgoing
from domain.conversations.settings import AgentChange
from domain.conversations.turn_dto import TurnTrace
from domain.tenancy.dto import SettingsChange
from tests.fixtures.inbox import Inbox


@pytest.mark.parametrize(
    ("zone", "cutoff_hour", "hour"),
    [
        ("Pacific/Pago_Pago", 23, 9),
        ("America/Sao_Paulo", 23, 1),
        ("Pacific/Kiritimati", 0, 12),
        ("Europe/Madrid", 6, 3),
    ],
)
async def test_what_was_used_is_found_again_on_the_same_business_day(
    inbox: Inbox, zone: str, cutoff_hour: int, hour: int
) -> None:
    await inbox.services.tenancy.change_settings(
        inbox.shop.act("owner"), SettingsChange(zone=zone, cutoff_hour=cutoff_hour)
    )
    await inbox.conversations.change_settings(inbox.shop.act("owner"), AgentChange(contact_day_token_limit=1000))
    tomorrow = inbox.clock.now().date() + timedelta(days=1)
    inbox.clock.advance(datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour, tzinfo=UTC) - inbox.clock.now())
    found = await inbox.receive("hola")
    turn = await inbox.begin(found)
    await inbox.conversations.commit_reply(turn, [Outgoing("a")], TurnTrace("scripted", "v1", 700, 100, 50))
    await inbox.receive("otra")
    assert (await inbox.begin(found, "job:2")).brief.allowance.tokens == 200
