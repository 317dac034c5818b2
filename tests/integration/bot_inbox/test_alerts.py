"""What the shop hears about its number, where it has a channel for alerts and where it has none."""

import pytest

from domain.intake import alerts
from tests.integration.bot_inbox.desk import Desk, texts


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("unknown_item", "delivered something to the number **+34 911 000 000** that we do not know"),
        ("failed_item", "could not be taken in after three tries"),
        ("account_news", "has news about the number **+34 911 000 000**"),
        ("something new", "says something about the number"),
    ],
)
async def test_an_alert_says_what_it_is_and_nobody_is_told_of_a_missing_channel(
    desk: Desk, what: str, words: str
) -> None:
    async with desk.stage.db.tx(await desk.system()) as tx:
        await alerts.tell(tx, desk.stage.clock, desk.account_id, what, "poll: no shape we know")
    await desk.stage.deliver()
    (said,) = [text for text in texts(desk.log) if "needs somebody" in text]
    assert words in said
    assert "> poll: no shape we know" in said
    assert "A channel is missing" not in "\n".join(texts(desk.log))
