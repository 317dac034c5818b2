"""Rates of a number and of a chat, on a clock that is told the time."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.whatsapp.buckets import PAIR_BURST, Buckets
from domain.kernel.errors import TransientFailure
from domain.kernel.ids import uuid7
from sandbox.clock import ManualClock

ACCOUNT, OTHER = uuid7(), uuid7()


class Room:
    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 20, 17, tzinfo=UTC))
        self.pauses_s: list[float] = []
        self.buckets = Buckets(self.clock, "meta", self._sleep)

    async def _sleep(self, wait_s: float) -> None:
        self.pauses_s.append(wait_s)

    async def wait_s(self, recipient: str, per_s: int = 80) -> float:
        """0 when it may leave, else when to come again."""
        try:
            await self.buckets.take(ACCOUNT, per_s, recipient)
        except TransientFailure as failure:
            return failure.retry_after_s
        return 0.0

    def later(self, wait_s: float) -> None:
        self.clock.advance(timedelta(seconds=wait_s))


@pytest.fixture
def room() -> Room:
    return Room()


async def test_a_burst_of_45_to_one_person_then_one_each_six_seconds(room: Room) -> None:
    assert [await room.wait_s("ana") for _ in range(PAIR_BURST)] == [0] * 45
    assert await room.wait_s("ana") == pytest.approx(6)
    room.later(5.9)
    assert await room.wait_s("ana") == pytest.approx(0.1)
    room.later(0.1)
    assert await room.wait_s("ana") == 0
    assert await room.wait_s("ana") == pytest.approx(6)
    assert await room.wait_s("bruno") == 0, "only that chat waits"


async def test_the_burst_has_to_be_paid_back(room: Room) -> None:
    for _ in range(45):
        await room.wait_s("ana")
    room.later(6 * 45)
    assert [await room.wait_s("ana") for _ in range(45)] == [0] * 45


async def test_over_the_numbers_rate_it_waits_a_moment_and_then_says_when(room: Room) -> None:
    waits_s = [await room.wait_s(f"p{n}", per_s=20) for n in range(42)]
    assert waits_s[:39] == [0] * 39
    assert waits_s[41] == pytest.approx(1.05, abs=0.06)
    assert max(room.pauses_s) <= 1
    room.later(waits_s[41])
    assert await room.wait_s("p41", per_s=20) == 0


async def test_a_refused_one_uses_nothing_up(room: Room) -> None:
    for _ in range(45):
        await room.wait_s("ana", per_s=1000)
    first_s = await room.wait_s("ana", per_s=1000)
    assert [await room.wait_s("ana", per_s=1000) for _ in range(100)] == [first_s] * 100


async def test_a_pause_holds_the_number_and_no_other(room: Room) -> None:
    room.buckets.pause(ACCOUNT, 30)
    room.buckets.pause(ACCOUNT, 10)
    assert await room.wait_s("ana") == pytest.approx(30)
    await room.buckets.take(OTHER, 80, "ana")
    room.later(30)
    assert await room.wait_s("ana") == 0


async def test_a_pause_of_what_numbers_share_holds_them_all_and_no_others(room: Room) -> None:
    room.buckets.pause("business", 30)
    for account in (ACCOUNT, OTHER):
        with pytest.raises(TransientFailure) as refused:
            await room.buckets.take(account, 80, "ana", ("business", "shop"))
        assert refused.value.retry_after_s == pytest.approx(30)
    await room.buckets.take(OTHER, 80, "ana", ("another business", "shop"))


async def test_buckets_that_are_full_again_are_dropped(room: Room) -> None:
    for n in range(20_000):
        await room.wait_s(f"p{n}", per_s=1000)
        room.later(0.01)
    assert len(room.buckets) < 2_500
