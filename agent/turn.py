"""Takes the shop's turn in a conversation: the rules before the model, the model, and the rules after it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
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
from agent.trace import Story
from domain.contacts.words import wants_person
from domain.conversations.dto import Message, Outgoing
from domain.conversations.inbound import MessageKind
from domain.conversations.turn_dto import TurnStart
from domain.i18n.detect import LanguageDetector
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.services import Services

_UNREADABLE = frozenset({MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO})
_UNSEEN = frozenset({MessageKind.UNSUPPORTED, MessageKind.WELCOME, MessageKind.STICKER})
_OUR_FAULT = frozenset({"vetoed", "looping", "steps"})  # the model was there, and no good
_MOST_FAILURES = 3  # a turn that dies each time: nobody learns why by waiting, so a person answers
_LONGEST_SUMMARY = 500
_HEARD_LENGTH = 200
_TYPING_S = 3.0
_GUIDED = "guided"


class Presence(Protocol):
    """Shows the contact that somebody is writing."""

    async def typing(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
        """Show it for a moment, and mark the message as read; best effort, never raises."""
        ...

    async def read(self, tenant_id: UUID, account_id: UUID, provider_message_id: str) -> None:
        """Only mark the message as read; best effort, never raises."""
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

    async def take_turn(self, tenant_id: UUID, conversation_id: UUID, job_key: str) -> datetime | None:
        """Answer what waits, if it is due and nobody else answers."""
        started = await self._services.conversations.begin_turn(tenant_id, conversation_id, job_key)
        if not isinstance(started, TurnStart):
            return started
        turn = await self._prepare(tenant_id, started)
        await turn.take(self._model, self._limits, self._presence)
        return None

    async def _prepare(self, tenant_id: UUID, started: TurnStart) -> "_Turn":
        # Not the job's key: a turn that is taken again after a crash is another turn.
        actor = Actor.assistant(tenant_id, f"turn:{started.turn_id}")
        brief = started.brief
        locale = await self._spoken(started) or started.contact.locale or brief.tenant.locale
        desk = Desk(self._services, actor, brief.tenant, started, Reader(locale, brief.tenant.zone))
        return _Turn(desk, self._detector, Story(time.monotonic()))

    async def _spoken(self, started: TurnStart) -> str | None:
        """The language of what waits in voice notes; what was typed was looked at when it came in."""
        text = " ".join(message.media.transcript or "" for message in started.unanswered if message.media is not None)
        return await self._detector.language_of(text) if text.strip() else None


@dataclass(frozen=True, slots=True)
class _Turn:
    desk: Desk
    detector: LanguageDetector
    story: Story

    async def take(self, model: ChatModel | None, limits: TurnLimits, presence: Presence | None) -> None:
        """Answer, hand off, or be silent; exactly one of them is committed, or none if a newer turn took over."""
        heard = self.desk.turn.unanswered
        words = "\n".join(said(message) for message in heard)
        if self.desk.turn.failed_count >= _MOST_FAILURES:
            self.story.tell(failure="crashed", count=self.desk.turn.failed_count)
            await self._hand_off("unavailable", self._summary("unavailable"))
        elif any(wants_person(said(message)) for message in heard):
            await self._hand_off("asked_for_person", self._summary("asked_for_person"))
        elif unread := sorted({message.kind for message in heard if _is_unreadable(message)}):
            await self._hand_off("media", self._summary("media", kinds=", ".join(map(self._kind, unread))))
        elif all(message.kind in _UNSEEN for message in heard) and not self._is_asked_by_the_menu(model):
            await self._reply([Outgoing(self._read("assistant.unseen", shop=self.desk.tenant.name))])
        elif model is None:
            # No "typing": the menu answers at once, and the sign would stand below its answer.
            await asyncio.gather(self._guided(words), self._show(None if presence is None else presence.read))
        elif self.desk.turn.brief.allowance.is_spent:
            self.story.tell(budget="spent")
            await self._hand_off("unavailable", self._summary("unavailable"))
        else:
            await self._ask(model, limits, presence)

    def _is_asked_by_the_menu(self, model: ChatModel | None) -> bool:
        """Whether the menu waits for an answer: it asks again where it stands, and begins nothing else."""
        return model is None and bool(self.desk.turn.conversation.guided)

    async def _ask(self, model: ChatModel, limits: TurnLimits, presence: Presence | None) -> None:
        desk, turn = self.desk, self.desk.turn
        system, version = instructions(
            turn, desk.tenant, self.desk.turn.brief.profile, desk.reader.locale, desk.services.clock
        )
        messages = exchange(turn)
        self.story.ask(model.name, version, system, messages)
        toolbox = Toolbox(desk)
        judge = Gatekeeper(desk, self.desk.turn.brief.profile, self.detector, system)
        loop = Loop(model, limits, self.desk.turn.brief.allowance, judge)
        typing = None if presence is None else presence.typing
        outcome, _ = await asyncio.gather(loop.run(system, messages, toolbox), self._show(typing))
        self.story.spend(outcome, limits)
        await self._end(outcome, toolbox)

    async def _show(self, sign: Callable[[UUID, UUID, str], Awaitable[None]] | None) -> None:
        conversation = self.desk.turn.conversation
        if sign is not None and conversation.last_inbound_provider_id:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TYPING_S):
                    await sign(self.desk.tenant.id, conversation.account_id, conversation.last_inbound_provider_id)

    async def _end(self, outcome: Outcome, toolbox: Toolbox) -> None:
        if outcome.bubbles:
            await self._reply([Outgoing(text) for text in outcome.bubbles])
        elif outcome.handoff is not None:
            await self._hand_off(*outcome.handoff)
        elif outcome.failure in _OUR_FAULT and (found := toolbox.last_quote) is not None:
            self.story.tell(failure=outcome.failure, by="quote")
            await self._reply([Outgoing(quoted(self.desk, found))])
        else:
            reason = "cannot_help" if outcome.failure in _OUR_FAULT else "unavailable"
            self.story.tell(failure=outcome.failure)
            await self._hand_off(reason, self._summary(reason))

    async def _guided(self, words: str) -> None:
        turn = self.desk.turn
        step = await GuidedMenu(self.desk).step(turn.conversation.guided, turn.unanswered, words)
        self.story.name(_GUIDED)
        self.story.tell(guided=step.state)
        if step.handoff is not None:
            await self._hand_off(*step.handoff)
        else:
            await self._reply(list(step.said), guided=step.state)

    async def _reply(self, replies: list[Outgoing], guided: dict[str, object] | None = None) -> None:
        found = _in_two([*self._said_first(), *self._returned()], replies)
        trace = self.story.trace(said=[outgoing.text for outgoing in found])
        await self.desk.services.conversations.commit_reply(self.desk.turn, found, trace, guided=guided)

    async def _hand_off(self, reason: str, summary: str) -> None:
        last = self._read(f"assistant.handoff.{reason}", shop=self.desk.tenant.name)
        text = "\n\n".join((*self._said_first(), last))
        trace = self.story.trace(handed_off=reason, summary=summary[:_LONGEST_SUMMARY], said=[text])
        await self.desk.services.conversations.hand_off(self.desk.turn, reason, summary[:_LONGEST_SUMMARY], text, trace)

    def _said_first(self) -> list[str]:
        return [*self._heard(), *self._greeting()]

    def _heard(self) -> list[str]:
        """What was understood of voice notes, where that is not sure."""
        unsure = [
            message.media.transcript
            for message in self.desk.turn.unanswered
            if message.media is not None and message.media.transcript and not message.media.is_transcript_sure
        ]
        text = " … ".join(unsure)
        text = text if len(text) <= _HEARD_LENGTH else text[:_HEARD_LENGTH].rstrip() + "…"
        return [self._read("assistant.heard", text=text)] if text else []

    def _greeting(self) -> list[str]:
        """Who answers, once: the business, that it is an assistant, how to reach a person, where privacy is told."""
        if not self.desk.turn.needs_greeting:
            return []
        parts = [self._read("assistant.greeting", shop=self.desk.tenant.name)]
        if self.desk.turn.brief.profile.privacy_url:
            parts.append(self._read("assistant.privacy", url=self.desk.turn.brief.profile.privacy_url))
        return ["\n".join(parts)]

    def _returned(self) -> list[str]:
        """After a human, once: that the assistant answers again. Its greeting says so, too."""
        if self.desk.turn.needs_greeting or not self.desk.turn.is_return:
            return []
        return [self._read("assistant.returned", shop=self.desk.tenant.name)]

    def _summary(self, reason: str, **params: object) -> str:
        """For the staff, in the shop's language."""
        return self._for_staff(f"assistant.summary.{reason}", **params)

    def _kind(self, kind: str) -> str:
        return self._for_staff(f"conversation.kind.{kind}")

    def _for_staff(self, key: str, **params: object) -> str:
        return Reader(self.desk.tenant.locale, self.desk.tenant.zone)(key, **params)

    def _read(self, key: str, **params: object) -> str:
        return self.desk.reader(key, **params)


def _is_unreadable(message: Message) -> bool:
    """Whether a file says something that nobody here can read: voice counts when it was not put into words."""
    if message.kind in (MessageKind.VOICE, MessageKind.AUDIO):
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
