"""The jobs of the second door do what their names say, and twice is once."""

from domain.jobs.handlers import HANDLERS, Job, Workshop
from domain.jobs.schedule import CLOCK_JOBS
from tests.fixtures.inbox import Inbox


async def test_jobs_of_doors_this_process_has_not_end_without_effect(inbox: Inbox) -> None:
    shop = Workshop(inbox.services)
    found = await inbox.receive("hola")
    message = (await inbox.messages(found))[0]
    payload = {"message_id": str(message.id)}
    for name in ("media.fetch", "templates.sync", "inbound.purge", "conversations.end_silences"):
        assert await HANDLERS[name](shop, Job(name, "job:1", inbox.tenant_id, payload)) in (None, 0)


def test_every_job_of_the_clock_has_a_handler() -> None:
    assert {job.job for job in CLOCK_JOBS} <= set(HANDLERS)
