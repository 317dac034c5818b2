"""Builds the WhatsApp door and the assistant behind it: the Graph client, the sender, files, templates, turns."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from agent.turn import AgentTurns
from app.agent_door import hearing_wait_s, open_agent
from app.settings import Settings
from channels.whatsapp.buckets import Buckets
from channels.whatsapp.media import WhatsAppMediaKeeper
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.meta.templates import TemplateSync
from channels.whatsapp.presence import WhatsAppPresence
from channels.whatsapp.sender import WhatsAppSender
from domain.channels.alerts import ChannelAlerts
from domain.conversations.changes import TurnTiming
from domain.i18n.detect import LanguageDetector
from domain.intake.recipients import Recipients
from domain.services import Services

_PROVIDER = "meta"
_OF_THE_LEASE = 0.5


@dataclass(frozen=True, slots=True)
class WhatsAppDoor:
    """What the worker needs for conversations."""

    sender: WhatsAppSender
    media: WhatsAppMediaKeeper
    templates: TemplateSync
    turns: AgentTurns


async def open_whatsapp(
    settings: Settings, services: Services, detector: LanguageDetector, stack: AsyncExitStack
) -> WhatsAppDoor:
    """Open the clients, which close with the stack.

    Raises:
        SettingsError: The model's settings do not fit together.
    """
    meta, db, clock, channels = settings.meta, services.db, services.clock, services.channels
    # A call has to end before another process may ask what became of it; a longer upload renews the lease.
    timeout_s = min(meta.timeout_s, settings.worker.lease_s * _OF_THE_LEASE)
    graph = GraphClient.open(meta.graph_origin, meta.graph_version, timeout_s)
    stack.push_async_callback(graph.close)
    agent = await open_agent(settings, services, detector, WhatsAppPresence(graph, channels, services.clock), stack)
    if await channels.has_any():
        # The first doubtful text would stop everything for a second.
        await asyncio.to_thread(detector.warm)
    return WhatsAppDoor(
        WhatsAppSender(
            graph, channels, ChannelAlerts(db, clock), Recipients(db, clock, services.contacts),
            Buckets(clock, _PROVIDER), clock, settings.data_dir, meta.unknown_grace_s,
        ),
        WhatsAppMediaKeeper(db, graph, channels, services.conversations, settings.data_dir, agent.transcriber,
                            linguist=detector, listener=services.intake),
        TemplateSync(graph, channels),
        agent.turns,
    )  # fmt: skip


def turn_timing(settings: Settings) -> TurnTiming:
    """The assistant's patience."""
    agent = settings.agent
    return TurnTiming(agent.quiet_s, agent.quiet_longest_s, hearing_wait_s(settings))
