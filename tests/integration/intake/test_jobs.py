"""The jobs of the second door do what their names say, and twice is once."""

from uuid import UUID

from domain.conversations.dto import Outgoing, TurnStart
from domain.jobs.handlers import HANDLERS, Job, Workshop
from domain.jobs.schedule import CLOCK_JOBS
from domain.services import Services
from tests.fixtures.inbox import TRACE, Inbox


class Echoing:
    """A turn taker that dies between the beginning and the end of its first turn."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.dies = True

    async def take_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> None:
        turn = await self._services.conversations.begin_turn(tenant_id, conversation_id, job_key)
        if not isinstance(turn, TurnStart):
            return
        if self.dies:
            self.dies = False
            raise SystemExit("killed")
        said = [Outgoing(message.body.upper()) for message in turn.unanswered]
        await self._services.conversations.commit_reply(turn, said, TRACE)


async def test_message_goes_from_the_webhook_to_the_phone_and_a_dead_turn_is_taken_again(inbox: Inbox) -> None:
    shop = Workshop(inbox.services, turns=Echoing(inbox.services))
    await inbox.store(inbox.message("hola"))
    assert [await inbox.take(), await inbox.take()] == [1, 0]
    found = await inbox.latest()
    inbox.clock.advance(inbox.until(0.001) - inbox.clock.now())
    turn = Job("agent.turn", "job:2", inbox.tenant_id, {"conversation_id": str(found.id)})
    try:
        await HANDLERS["agent.turn"](shop, turn)
    except SystemExit:
        assert await inbox.said() == []
    for _ in range(3):
        await HANDLERS["agent.turn"](shop, turn)
    await inbox.deliver(found)
    assert await inbox.said() == ["HOLA"]
    assert len(inbox.provider.sent) == 1


async def test_jobs_of_doors_this_process_has_not_end_without_effect(inbox: Inbox) -> None:
    shop = Workshop(inbox.services)
    found = await inbox.receive("hola")
    message = (await inbox.messages(found))[0]
    payload = {"conversation_id": str(found.id), "message_id": str(message.id)}
    for name in ("agent.turn", "media.fetch", "templates.sync", "inbound.purge", "conversations.end_silences"):
        assert await HANDLERS[name](shop, Job(name, "job:1", inbox.tenant_id, payload)) in (None, 0)


def test_every_job_of_the_clock_has_a_handler() -> None:
    assert {job.job for job in CLOCK_JOBS} <= set(HANDLERS)
