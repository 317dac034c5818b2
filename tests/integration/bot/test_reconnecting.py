"""After a long absence of Discord the bot is back soon, not after the quarter of an hour that the library allows."""

from tests.integration.bot.harness import Stage

HALF_A_MINUTE_S = 32


async def test_a_shard_never_waits_longer_than_half_a_minute_before_it_tries_again(stage: Stage) -> None:
    backoff = stage.bot.shards[0]._parent._backoff
    assert max(backoff.delay() for _ in range(200)) <= HALF_A_MINUTE_S
