"""200 clickers on one order, 1,000 rounds: the service against the bare UPDATE ... RETURNING on asyncpg."""

import asyncio
import random
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.report import Figure
from benchmarks.world import POOL_SIZE, World, world
from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict
from domain.kernel.ids import uuid7
from domain.orders.dto import NewOrder

ROUNDS, CLICKERS, GOAL = 1000, 200, 0.4
BARE = """
UPDATE guildhall.orders SET state = 'claimed', booster_id = $2, claimed_at = now()
WHERE id = $1 AND state = 'open' RETURNING id
"""


class _WithoutReset(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    def get_reset_query(self) -> str:
        return ""


async def measure() -> list[Figure]:
    """Rounds alternate between the two, so that both see the same machine."""
    dice = random.Random(1)
    async with world(CLICKERS) as shop:
        await shop.services.tariffs.seed_default(shop.owner)
        bare_pool = await asyncpg.create_pool(shop.dsn, min_size=POOL_SIZE, max_size=POOL_SIZE)
        lean_pool = await asyncpg.create_pool(
            shop.dsn, min_size=POOL_SIZE, max_size=POOL_SIZE, connection_class=_WithoutReset
        )
        ours_s = bare_s = lean_s = 0.0
        for _ in range(ROUNDS):
            dice.shuffle(shop.boosters)
            ours_s += await _round(shop, await _open_order(shop))
            bare_s += await _bare_round(shop, bare_pool, await _open_order(shop))
            lean_s += await _bare_round(shop, lean_pool, await _open_order(shop))
        await bare_pool.close()
        await lean_pool.close()
    attempts = ROUNDS * CLICKERS
    ratio = bare_s / ours_s
    return [
        Figure("claim", "service", attempts / ours_s, "attempts/s"),
        Figure("claim", "bare UPDATE RETURNING", attempts / bare_s, "attempts/s"),
        Figure("claim", "service / bare", ratio, "", f">= {GOAL}", ratio >= GOAL),
        Figure("claim", "bare, on a pool that resets nothing", attempts / lean_s, "attempts/s"),
        Figure("claim", "service / bare that resets nothing", lean_s / ours_s),
        Figure("claim", "rounds with exactly one winner", ROUNDS, "of 1000", "1000", is_met=True),
    ]


async def _open_order(shop: World) -> UUID:
    actor = replace(shop.owner, command_key=str(uuid7()))
    order = await shop.services.orders.create(actor, NewOrder("Customer", "P4", "D1"))
    await shop.services.orders.publish(actor.for_step("publish"), order.id)
    return order.id


async def _round(shop: World, order_id: UUID) -> float:
    async def click(booster: Actor) -> bool:
        try:
            await shop.services.orders.claim(replace(booster, command_key=str(uuid7())), order_id)
        except Conflict:
            return False
        return True

    return await _timed([click(booster) for booster in shop.boosters])


async def _bare_round(shop: World, pool: Any, order_id: UUID) -> float:
    async def click(booster: Actor) -> bool:
        return await pool.fetchval(BARE, order_id, booster.member_id) is not None

    return await _timed([click(booster) for booster in shop.boosters])


async def _timed(clicks: list[Any]) -> float:
    started = time.perf_counter()
    won = await asyncio.gather(*clicks)
    elapsed_s = time.perf_counter() - started
    assert sum(won) == 1, f"{sum(won)} winners"
    return elapsed_s
