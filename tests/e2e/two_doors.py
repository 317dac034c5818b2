"""The world with its second door: WhatsApp and a model beside Discord, at an address that outlives the process."""

import itertools
import os
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sandbox.discord import DiscordEmulator
from sandbox.openai import OpenAIEmulator, ScriptedModel
from sandbox.whatsapp import App, Number, WhatsAppEmulator
from tests.e2e.house import House
from tests.e2e.world import World, open_world_of

ANSWER = "Which division are you in, and which one do you want to reach?"
CANARIES = {"access token": "canary-of-the-access-token", "app secret": "canary-of-the-app-secret",
            "verify token": "canary-of-the-verify-token", "client": "Clienta Canaria",
            "text": "canarywords"}  # fmt: skip
GRACE_S = 3.0
# For tests in which nothing dies and nobody is silent: no wait ends only because the machine is busy.
PATIENT = {"GUILDHALL_WORKER__LEASE_S": "60", "GUILDHALL_WORKER__HEARTBEAT_S": "30", "GUILDHALL_META__TIMEOUT_S": "30",
           "GUILDHALL_META__UNKNOWN_GRACE_S": "60", "GUILDHALL_OPENAI__TIMEOUT_S": "20",
           "GUILDHALL_AGENT__TURN_S": "30"}  # fmt: skip
_NUMBERS = itertools.count(1)
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_BELOW_EPHEMERAL_PORTS = range(20_000 + _WORKER, 30_000, 16)  # each worker's own


class TwoDoors(World):
    """What survives the death of a process that has both doors.

    Attributes:
        whatsapp: WhatsApp; a webhook that was not taken comes again every 0.3 s, for a minute.
        openai: The model, which asks the same question whatever it hears unless a test exchanges it.
        web_origin: Where the house is when it runs, before and after a restart.
    """

    def __init__(
        self, emulator: DiscordEmulator, folder: Path, url: str | None, *,
        whatsapp: WhatsAppEmulator, openai: OpenAIEmulator,
    ) -> None:  # fmt: skip
        super().__init__(emulator, folder, url)
        self.whatsapp = whatsapp
        self.openai = openai
        self._port = free_port()

    @property
    def web_origin(self) -> str:
        """Where webhooks go."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def secrets(self) -> dict[str, str]:
        """What no log may show: who writes and what they write, too."""
        return {**super().secrets, "model key": self.openai.api_key, **CANARIES}

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of a process with both doors, with short waits."""
        found = {
            "GUILDHALL_WEB__PORT": str(self._port),
            "GUILDHALL_WORKER__LEASE_S": "5",
            "GUILDHALL_META__GRAPH_ORIGIN": self.whatsapp.origin,
            "GUILDHALL_META__UNKNOWN_GRACE_S": str(GRACE_S),
            "GUILDHALL_META__TIMEOUT_S": "2.5",
            "GUILDHALL_OPENAI__BASE_URL": self.openai.base_url,
            "GUILDHALL_OPENAI__API_KEY": self.openai.api_key,
            "GUILDHALL_OPENAI__MODEL": self.openai.model_name,
            "GUILDHALL_OPENAI__TIMEOUT_S": "4",
            "GUILDHALL_AGENT__QUIET_S": "0.4",
            "GUILDHALL_AGENT__QUIET_LONGEST_S": "2",
            "GUILDHALL_AGENT__TURN_S": "10",
        }
        return super().environment(**found | more)

    async def killed_and_started(self, **more: str) -> House:
        """End the process without warning, let everything outside work again, and start the next one."""
        await self.kill()
        self.heal()
        return await self.start(**more)

    async def died_long_ago(self) -> None:
        """As if it were a minute since the process died whose turns are not at their end."""
        await self.run(
            "UPDATE guildhall.agent_turns SET alive_at = alive_at - interval '1 minute' WHERE state = 'running'"
        )

    async def kill(self) -> None:
        """End every process without warning."""
        for house in self.houses:
            if house.is_running:
                await house.kill9()

    def heal(self) -> None:
        """Nothing misbehaves any more."""
        for faults in (self.emulator.faults, self.whatsapp.faults, self.openai.faults):
            faults.clear()
        self.whatsapp.webhooks.copies = 1
        self.whatsapp.statuses.plan = ("sent", "delivered", "read")
        self.whatsapp.statuses.are_before_answer = False

    def app(self) -> App:
        """One more Meta app, with secrets that must not show."""
        number = next(_NUMBERS)
        app = self.whatsapp.add_app(secret=f"{CANARIES['app secret']}-{number}")
        app.verify_token = f"{CANARIES['verify token']}-{number}"
        return app

    def number(self, app: App) -> Number:
        """One more number of an app; the limit per chat is not what these tests are about."""
        number = next(_NUMBERS)
        token = f"{CANARIES['access token']}-{number}"
        return self.whatsapp.add_number(f"3491100{number:04}", app=app, access_token=token, limits_pairs=False)

    async def hurry(self) -> None:
        """Let what waits for its next try be due now, as if minutes had passed."""
        await self.run("""UPDATE guildhall.outbound_messages SET due_at = now() - interval '1 second'
                          WHERE state IN ('queued', 'unknown') AND due_at > now()""")


@asynccontextmanager
async def open_two_doors(folder: Path, server_url: str) -> AsyncIterator[TwoDoors]:
    """Discord, WhatsApp, a model and a fresh database on a server; without a process."""
    model = ScriptedModel()
    model.when(lambda _: True, ANSWER)
    async with WhatsAppEmulator() as whatsapp, OpenAIEmulator(model) as openai:
        whatsapp.webhooks.retry_gaps_s = (0.3,) * 200
        async with open_world_of(partial(TwoDoors, whatsapp=whatsapp, openai=openai), folder, server_url) as world:
            yield world


def free_port() -> int:
    """A port that nobody gets by chance while its process is down: below those that are given to connections."""
    dice = random.Random(os.urandom(8))
    for port in dice.sample(_BELOW_EPHEMERAL_PORTS, 100):
        with socket.socket() as found:
            if found.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no port is free")
