"""Takes the shop's turn in a conversation: the rules before the model, the model, and the rules after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from agent.exchange import exchange, instructions, said
from agent.guided import GuidedMenu, quoted
from agent.judge import Gatekeeper
from agent.limits import TurnLimits
from agent.loop import Loop, Outcome
from agent.models.port import ChatModel
from agent.tools.port import Desk
from agent.tools.toolbox import Toolbox
from domain.contacts.words import wants_person
from domain.conversations.dto import Message, Outgoing, TurnStart, TurnTrace
from domain.conversations.inbound import MessageKind
from domain.conversations.settings import AgentProfile
from domain.i18n.detect import LanguageDetector
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.services import Services

_UNREADABLE = frozenset({MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO})
_UNSEEN = frozenset({MessageKind.UNSUPPORTED, MessageKind.WELCOME, MessageKind.STICKER})
_LONGEST_SUMMARY = 500
_GUIDED = "guided"


class Presence(Protocol):
    """Shows the contact that somebody is writing."""

    async def typing(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
        """Show it for a moment, and mark the message as read; best effort, never raises."""
        ...


class AgentTurns:
    """The assistant; see `domain.conversations.ports.TurnTaker`.

    Args:
        services: The use cases.
        model: The model; None: the guided menu answers.
        limits: Bounds of a turn.
        detector: Tells languages apart.
        presence: Shows that somebody is writing; None: nothing is shown.
    """

    def __init__(
        self, services: Services, model: ChatModel | None, limits: TurnLimits, detector: LanguageDetector,
        presence: Presence | None = None,
    ) -> None:  # fmt: skip
        self._services = services
        self._model = model
        self._limits = limits
        self._detector = detector
        self._presence = presence

    async def take_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> None:
        """Answer what waits, if it is due and nobody else answers."""
        started = await self._services.conversations.begin_turn(tenant_id, conversation_id, job_key)
        if not isinstance(started, TurnStart):
            return
        turn = await self._prepare(tenant_id, started)
        await turn.take(self._model, self._limits, self._presence)

    async def _prepare(self, tenant_id: UUID, started: TurnStart) -> "_Turn":
        # Not the job's key: a turn that is taken again after a crash is another turn.
        actor = Actor.assistant(tenant_id, f"turn:{started.turn_id}")
        tenant = await self._services.tenancy.tenant(actor)
        profile = await self._services.conversations.profile(actor)
        locale = started.contact.locale or tenant.locale
        desk = Desk(self._services, actor, tenant, started, Reader(locale, tenant.zone))
        return _Turn(desk, profile, self._detector)


@dataclass(frozen=True, slots=True)
class _Turn:
    desk: Desk
    profile: AgentProfile
    detector: LanguageDetector

    async def take(self, model: ChatModel | None, limits: TurnLimits, presence: Presence | None) -> None:
        """Answer, hand off, or be silent; exactly one of them is committed, or none if a newer turn took over."""
        heard = self.desk.turn.unanswered
        words = "\n".join(said(message) for message in heard)
        if any(wants_person(said(message)) for message in heard):
            await self._hand_off("asked_for_person", self._summary("asked_for_person"))
        elif any(_is_unreadable(message) for message in heard):
            kinds = ", ".join(sorted({message.kind for message in heard if _is_unreadable(message)}))
            await self._hand_off("media", self._summary("media", kinds=kinds))
        elif all(message.kind in _UNSEEN for message in heard):
            await self._reply([Outgoing(self._read("assistant.unseen", shop=self.desk.tenant.name))])
        elif model is None:
            await self._guided(words)
        elif not await self._may_spend():
            await self._hand_off("unavailable", self._summary("unavailable", why="budget"), TurnTrace(model.name, ""))
        else:
            await self._ask(model, limits, presence)

    async def _ask(self, model: ChatModel, limits: TurnLimits, presence: Presence | None) -> None:
        desk, turn = self.desk, self.desk.turn
        if presence is not None and turn.conversation.last_inbound_provider_id:
            message_id = turn.conversation.last_inbound_provider_id
            await presence.typing(desk.tenant.id, turn.conversation.account_id, message_id)
        clock = desk.services.clock
        system, version = instructions(turn, desk.tenant, self.profile, desk.reader.locale, clock)
        toolbox = Toolbox(desk)
        judge = Gatekeeper(desk, self.profile, self.detector)
        loop = Loop(model, limits, self.profile.turn_token_limit, judge)
        outcome = await loop.run(system, exchange(turn), toolbox)
        await self._end(outcome, toolbox, _trace(model, version, outcome, limits))

    async def _end(self, outcome: Outcome, toolbox: Toolbox, trace: TurnTrace) -> None:
        if outcome.bubbles:
            await self._reply([Outgoing(text) for text in outcome.bubbles], trace)
        elif outcome.handoff is not None:
            await self._hand_off(*outcome.handoff, trace)
        elif outcome.failure in ("vetoed", "looping", "steps") and (found := toolbox.last_quote) is not None:
            await self._reply([Outgoing(quoted(self.desk, found))], trace)
        elif outcome.failure in ("vetoed", "looping", "steps"):
            await self._hand_off("cannot_help", self._summary("cannot_help", why=outcome.failure), trace)
        else:
            await self._hand_off("unavailable", self._summary("unavailable", why=outcome.failure), trace)

    async def _guided(self, words: str) -> None:
        turn = self.desk.turn
        step = await GuidedMenu(self.desk).step(turn.conversation.guided, turn.unanswered, words)
        trace = TurnTrace(_GUIDED, _GUIDED, steps=[{"guided": step.state}])
        if step.handoff is not None:
            await self._hand_off(*step.handoff, trace)
        else:
            await self._reply(list(step.said), trace, guided=step.state)

    async def _reply(
        self, replies: list[Outgoing], trace: TurnTrace | None = None, guided: dict[str, object] | None = None
    ) -> None:
        conversations = self.desk.services.conversations
        said_first = [*self._heard(), *self._greeting()]
        await conversations.commit_reply(
            self.desk.turn, _in_two(said_first, replies), trace or TurnTrace("", ""), guided=guided
        )

    async def _hand_off(self, reason: str, summary: str, trace: TurnTrace | None = None) -> None:
        text = self._read(f"assistant.handoff.{reason}", shop=self.desk.tenant.name)
        conversations = self.desk.services.conversations
        await conversations.hand_off(
            self.desk.turn, reason, summary[:_LONGEST_SUMMARY], text, trace or TurnTrace("", "")
        )

    async def _may_spend(self) -> bool:
        left = await self.desk.services.conversations.budget_left(self.desk.actor, self.desk.turn.contact.id)
        return bool(left > 0)

    def _heard(self) -> list[str]:
        """What was understood of voice notes, where that is not sure."""
        return [
            self._read("assistant.heard", text=(message.media.transcript or "")[:200])
            for message in self.desk.turn.unanswered
            if message.media is not None and message.media.transcript and not message.media.is_transcript_sure
        ]

    def _greeting(self) -> list[str]:
        """Who answers, once: the business, that it is an assistant, how to reach a person, where privacy is explained."""
        if self.desk.turn.conversation.greeted_at is not None:
            return []
        parts = [self._read("assistant.greeting", shop=self.desk.tenant.name)]
        if self.profile.privacy_url:
            parts.append(self._read("assistant.privacy", url=self.profile.privacy_url))
        return ["\n".join(parts)]

    def _summary(self, reason: str, **params: object) -> str:
        """For the staff, in the shop's language."""
        tenant = self.desk.tenant
        return Reader(tenant.locale, tenant.zone)(f"assistant.summary.{reason}", **params)

    def _read(self, key: str, **params: object) -> str:
        return self.desk.reader(key, **params)


def _is_unreadable(message: Message) -> bool:
    if message.kind == MessageKind.VOICE:
        return message.media is None or not message.media.transcript
    return message.kind in _UNREADABLE


def _in_two(before: Sequence[str], replies: Sequence[Outgoing]) -> list[Outgoing]:
    """At most two messages: what has to be said first joins the first reply where there are two already."""
    if not before:
        return list(replies)
    opening = "\n\n".join(before)
    if len(replies) < 2:
        return [Outgoing(opening), *replies]
    return [replace(replies[0], text=f"{opening}\n\n{replies[0].text}"), *replies[1:]]


def _trace(model: ChatModel, version: str, outcome: Outcome, limits: TurnLimits) -> TurnTrace:
    cost = limits.cost_micros(outcome.input_tokens, outcome.output_tokens)
    return TurnTrace(model.name, version, outcome.input_tokens, outcome.output_tokens, cost, outcome.steps)
