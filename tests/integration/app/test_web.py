"""Alive, ready, and what Prometheus sees: in good states and in bad ones."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from app.errors import StartError
from app.health import Health
from app.metrics import HouseMetrics
from app.settings import WebSettings
from app.web import build_web, report_bugs, serve
from domain.kernel.db import Database
from domain.kernel.queue import enqueue
from domain.outbox.kinds import Kind
from domain.outbox.post import post_notice
from domain.tenancy.dto import Purpose
from sandbox.clock import ManualClock
from tests.fixtures.shop import Shop
from tests.integration.app.conftest import Queue

Get = Callable[[str], Awaitable[tuple[int, str]]]


class State:
    """What the process around the web server is like."""

    gateway_is_up = True
    is_stopping = False


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def metrics() -> HouseMetrics:
    return HouseMetrics()


@pytest.fixture
def timeout_s() -> float:
    return 30.0


@pytest.fixture
async def get(
    db: Database, clock: ManualClock, state: State, metrics: HouseMetrics, timeout_s: float
) -> AsyncIterator[Get]:
    health = Health(db, clock, lambda: state.gateway_is_up, lambda: state.is_stopping, timeout_s=timeout_s)
    async with (
        serve(build_web(health, metrics), WebSettings(port=0)) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):

        async def fetch(path: str) -> tuple[int, str]:
            async with session.get(path) as answer:
                return answer.status, await answer.text()

        yield fetch


async def test_a_healthy_house_is_alive_and_ready(get: Get) -> None:
    assert await get("/healthz") == (200, '{"status":"alive"}')
    ages = '"oldest_due_job_s":0.0,"oldest_due_outbox_s":0.0,"oldest_inbound_event_s":0.0,"oldest_due_turn_s":0.0'
    expected = '{"status":"ready","reasons":[],' + ages + "}"
    assert await get("/readyz") == (200, expected)
    assert (await get("/nothing"))[0] == 404


async def test_without_the_gateway_it_is_alive_but_not_ready(get: Get, state: State) -> None:
    state.gateway_is_up = False
    status, body = await get("/readyz")
    assert (status, '"reasons":["gateway: not connected to Discord"]' in body) == (503, True)
    assert (await get("/healthz"))[0] == 200


async def test_while_closing_it_is_not_ready(get: Get, state: State) -> None:
    state.is_stopping = True
    status, body = await get("/readyz")
    assert (status, '"reasons":["stopping"]' in body) == (503, True)


async def test_without_the_database_it_is_alive_but_not_ready_and_metrics_still_answer(
    get: Get, db: Database, owner_url: str
) -> None:
    await db.close()
    status, body = await get("/readyz")
    assert (status, '"reasons":["database: no answer"]' in body) == (503, True)
    assert (await get("/healthz"))[0] == 200
    status, body = await get("/metrics")
    assert status == 200
    assert "guildhall_database_up 0.0" in body


@pytest.mark.parametrize("timeout_s", [0.5])
async def test_a_database_that_does_not_answer_in_time_counts_as_away(get: Get, queue: Queue) -> None:
    await queue.run("BEGIN; LOCK TABLE guildhall.pgqueuer IN ACCESS EXCLUSIVE MODE")
    status, body = await get("/readyz")
    assert (status, "database: no answer" in body) == (503, True)
    await queue.run("ROLLBACK")


async def test_work_that_has_waited_too_long_is_named(
    get: Get, db: Database, clock: ManualClock, shop: Shop, queue: Queue
) -> None:
    async with db.tx(shop.owner) as tx:
        await enqueue(tx, "test.count", {})
        await post_notice(tx, clock, Purpose.LOG, Kind.DAY_CLOSED, {"number": 1})
    assert (await get("/readyz"))[0] == 200
    await queue.run("UPDATE guildhall.pgqueuer SET execute_after = now() - interval '301 seconds'")
    clock.advance(timedelta(seconds=400))
    status, body = await get("/readyz")
    assert status == 503
    assert '"reasons":["jobs: the oldest has waited 301 s","outbox: the oldest has waited 400 s"]' in body


async def test_metrics_show_interactions_jobs_outbox_and_ages(
    get: Get, db: Database, clock: ManualClock, shop: Shop, metrics: HouseMetrics
) -> None:
    metrics.interaction("claim", "ok", 0.02)
    metrics.interaction("claim", "refused", 0.03)
    metrics.job("outbox.deliver_lane", "done")
    async with db.tx(shop.owner) as tx:
        await enqueue(tx, "test.count", {}, delay=timedelta(hours=1))
        await post_notice(tx, clock, Purpose.LOG, Kind.DAY_CLOSED, {"number": 1})
    clock.advance(timedelta(seconds=90))
    status, body = await get("/metrics")
    assert status == 200
    for line in (
        'guildhall_interactions_total{command="claim",outcome="ok"} 1.0',
        'guildhall_interactions_total{command="claim",outcome="refused"} 1.0',
        'guildhall_interaction_seconds_bucket{command="claim",le="0.025"} 1.0',
        'guildhall_interaction_seconds_count{command="claim"} 2.0',
        'guildhall_jobs_total{job="outbox.deliver_lane",outcome="done"} 1.0',
        'guildhall_queue_jobs{state="queued"} 1.0',
        'guildhall_queue_jobs{state="failed"} 0.0',
        'guildhall_outbox_messages{state="queued"} 1.0',
        "guildhall_inbound_events 0.0",
        'guildhall_outbox_messages{state="unknown"} 0.0',
        "guildhall_oldest_due_outbox_age_seconds 90.0",
        "guildhall_database_up 1.0",
        "guildhall_gateway_up 1.0",
    ):
        assert line in body.splitlines()


@pytest.mark.logs_errors("a handler has a bug")
async def test_a_bug_shows_an_incident_number_and_nothing_of_its_insides() -> None:
    async def broken(request: web.Request) -> web.Response:
        raise RuntimeError("canary-insides")

    app = web.Application(middlewares=[report_bugs])
    app.router.add_get("/broken", broken)
    async with (
        serve(app, WebSettings(port=0)) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/broken") as answer,
    ):
        assert answer.status == 500
        body = await answer.json()
    assert body.keys() == {"status", "incident"}
    assert "canary" not in str(body)


async def test_a_port_that_is_taken_is_one_line() -> None:
    async with serve(web.Application(), WebSettings(port=0)) as port:
        refusal = rf"^GUILDHALL_WEB__HOST, GUILDHALL_WEB__PORT: cannot listen on 127.0.0.1:{port} \("
        with pytest.raises(StartError, match=refusal):
            async with serve(web.Application(), WebSettings(port=port)):
                pass
