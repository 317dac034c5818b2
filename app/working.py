"""What a worker process does besides webhooks: jobs, the assistant's turns, and what leaves; and how these end."""

import asyncio
from dataclasses import dataclass

from app.outbox_pump import OutboxPump
from app.turn_pump import TurnPump
from app.worker import Worker


@dataclass(frozen=True, slots=True)
class Work:
    """The worker's parts that end one after the other.

    Attributes:
        finished: Set at the end: nothing is sent any more.
    """

    jobs: Worker
    turns: TurnPump
    outbox: OutboxPump
    finished: asyncio.Event

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; what jobs and turns say while they end leaves before the outbox closes."""
        all_said = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.outbox.run(all_said), name="outbox")
                group.create_task(self._say(stop, all_said), name="jobs and turns")
        finally:
            self.finished.set()

    async def _say(self, stop: asyncio.Event, all_said: asyncio.Event) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.jobs.run(stop), name="jobs")
                group.create_task(self.turns.run(stop), name="turns")
        finally:
            all_said.set()
