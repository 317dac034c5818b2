"""Hands the outbox's messages to WhatsApp."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from channels.whatsapp.buckets import Buckets
from channels.whatsapp.meta.answers import Sent
from channels.whatsapp.meta.errors import PROVIDER, Refused, Then
from channels.whatsapp.meta.graph import GraphClient
from channels.whatsapp.meta.payloads import message_body
from channels.whatsapp.ports import AccountKeeper, AlertBoard, RecipientKeeper
from channels.whatsapp.tokens import KnownTokens, stop_if_current
from domain.channels.dto import Credentials
from domain.contacts.numbers import digits_of, variants
from domain.conversations.dto import Author, Deliverable, Outgoing
from domain.conversations.messages import held_as
from domain.kernel.clock import Clock
from domain.kernel.errors import DeliveryError, DomainError, PermanentFailure, TransientFailure
from domain.outbox.dto import Outbound, Receipt
from domain.outbox.service import NOTHING_TO_SEND

STOPPED = "account_stopped"
CANCELLED = "cancelled"  # it went out, or was called off, meanwhile
UNKNOWN_TWICE = "unknown_twice"
_STOPPED_RETRY_S = 30.0
_READING_S = 2.0  # what is to be sent waits no longer for the ticks
_DELIVERED_TO = (1, 1)  # the outbox keeps two numbers per message; WhatsApp's id is none, so it stands in `ref`
_PLAIN = frozenset({"type", "sub_type", "messaging_product", "recipient_type", "index"})
log = structlog.get_logger("guildhall.whatsapp")


class WhatsAppSender:
    """Sends conversations' messages through Graph; whether one may leave was decided with the recorded attempt.

    Args:
        graph: The client.
        accounts: Tokens, and who stops a number whose token is refused.
        alerts: Who tells the shop.
        recipients: Who keeps what sending teaches about a person.
        buckets: Rates, shared by everything that sends in this process.
        clock: For the grace after a lost answer.
        data_dir: Where files lie.
        unknown_grace_s: How long a status may take to tell what became of a message whose answer was lost.
    """

    def __init__(
        self, graph: GraphClient, accounts: AccountKeeper, alerts: AlertBoard, recipients: RecipientKeeper,
        buckets: Buckets, clock: Clock, data_dir: Path, unknown_grace_s: float = 60.0,
    ) -> None:  # fmt: skip
        self._graph = graph
        self._accounts = accounts
        self._tokens = KnownTokens(accounts, clock)
        self._alerts = alerts
        self._recipients = recipients
        self._buckets = buckets
        self._clock = clock
        self._data_dir = data_dir
        self._grace = timedelta(seconds=unknown_grace_s)
        self._opened_at = clock.now()

    async def send(self, message: Outbound) -> Receipt:
        """Send a message, if it may leave now; its `ref` is the wamid.

        Raises:
            TransientFailure: Not sent: a limit, an outage, or a stopped number, whose messages wait for a new token.
            PermanentFailure: Refused by a rule of ours (`window_closed`, ...), or by Graph (its code).
            UnknownOutcome: The request left and no answer came.
        """
        if message.resent_count > 1:
            raise PermanentFailure(PROVIDER, UNKNOWN_TWICE)
        found = message.content
        if not isinstance(found, Deliverable) or found.refusal == CANCELLED:
            return NOTHING_TO_SEND
        if found.refusal and found.refusal != STOPPED:
            raise PermanentFailure(PROVIDER, found.refusal)
        if found.refusal:  # stopped: its next token is another one
            self._tokens.forget(message.actor, found.account_id)
        credentials = await self._tokens.credentials(message.actor, found.account_id)
        if found.refusal or not credentials.is_active:
            raise TransientFailure(PROVIDER, STOPPED, _STOPPED_RETRY_S)
        return await self._send(message, found, credentials)

    async def reconcile(self, message: Outbound) -> Receipt | None:
        """Graph cannot be asked: wait for a status, which moves the row itself; after the grace, send once more.

        Raises:
            TransientFailure: A status may still come.
        """
        assert message.attempted_at is not None, "only an attempt can have an unknown outcome"
        # While the house was closed no status could come in: those of that time come now.
        heard_since = max(message.attempted_at, self._opened_at)
        left = heard_since + self._grace - self._clock.now()
        if left > timedelta():
            raise TransientFailure(PROVIDER, "waiting_for_status", left.total_seconds())
        return None

    async def _send(self, message: Outbound, found: Deliverable, credentials: Credentials) -> Receipt:
        body: dict[str, Any] = {}
        try:
            media_id = await self._uploaded(message, found.outgoing, credentials)
            kind, to = found.recipient_kind, found.recipient
            body = message_body(found.outgoing, to, kind, message.id, media_id)
            if message.attempt_count == 1 and found.message.author is Author.MEMBER:
                await self._read(found.last_inbound_provider_id, credentials)
            shared = (credentials.waba_id, credentials.app_key)
            await self._buckets.take(credentials.account_id, credentials.throughput_mps, to, shared)
            is_tried = kind == "to" and not found.is_other_spelling
            sent = await self._call(message, credentials, body, to if is_tried else "")
        except Refused as refused:
            await self._follow(message, credentials, refused, body)
            raise refused.failure(message.attempt_count) from refused
        if found.recipient_kind == "to" and sent.wa_id and sent.wa_id != found.recipient.lstrip("+"):
            await self._keep(message, sent.wa_id)
        return Receipt(*_DELIVERED_TO, ref=sent.wamid, held_as=held_as(credentials.account_id, sent.wamid))

    async def _read(self, provider_message_id: str | None, credentials: Credentials) -> None:
        """A person of the shop has read what they answer: blue ticks first. Nothing fails because of them."""
        if provider_message_id:
            with suppress(DeliveryError, Refused, TimeoutError):
                async with asyncio.timeout(_READING_S):
                    await self._graph.mark_read(credentials, provider_message_id, is_typing=False)

    async def _uploaded(self, message: Outbound, outgoing: Outgoing, credentials: Credentials) -> str:
        """Upload the message's file; nothing was sent if that fails, so it may be done again.

        However long it takes, the sending after it has the whole of the outbox's lease.
        """
        if not outgoing.media_path:
            return ""
        path = (self._data_dir / outgoing.media_path).resolve()
        if not path.is_relative_to(self._data_dir.resolve()) or not path.is_file():
            raise PermanentFailure(PROVIDER, "no_such_file")
        media_id = await self._graph.upload(credentials, path, outgoing.media_mime, outgoing.file_name, message.renew)
        await message.renew()
        return media_id

    async def _call(
        self, message: Outbound, credentials: Credentials, body: Mapping[str, Any], number: str
    ) -> Sent:  # fmt: skip
        """Send; once more under the number's other spelling when nobody has WhatsApp under this one."""
        try:
            return await self._graph.send(credentials, body)
        except Refused as refused:
            others = variants(digits_of(number)) if refused.rule.then is Then.VARIANT else ()
            for other in others:
                await message.renew()
                with suppress(Refused):
                    return await self._graph.send(credentials, {**body, "to": other})
            raise

    async def _follow(
        self, message: Outbound, credentials: Credentials, refused: Refused, body: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """Do what the table says besides waiting or giving up."""
        account_id, code = credentials.account_id, refused.code
        log.warning("graph refused", code=code, details=refused.details, outbound=str(message.id))
        match refused.rule.then:
            case Then.STOP:
                self._tokens.forget(message.actor, account_id)
                await stop_if_current(self._accounts, message.actor, credentials, refused)
            case Then.PAUSE_NUMBER:
                self._buckets.pause(account_id, refused.rule.wait_s)
            case Then.PAUSE_BUSINESS:
                self._buckets.pause(credentials.waba_id or account_id, refused.rule.wait_s)
            case Then.PAUSE_APP:
                self._buckets.pause(credentials.app_key, refused.rule.wait_s)
            case Then.ALERT | Then.TEMPLATES:
                is_template = refused.rule.then is Then.TEMPLATES
                await self._alerts.alert(message.actor, account_id, code, refused.details, is_template=is_template)
            case Then.BUG:
                log.warning("graph refuses what we built", code=code, body=_shape(body), outbound=str(message.id))
            case Then.MARKETING_STOPPED if message.conversation_id is not None:
                await self._recipients.marketing_stopped(message.actor, message.conversation_id)

    async def _keep(self, message: Outbound, wa_id: str) -> None:
        """The message is out: what is learned from it must not make it look unsent."""
        conversation_id: UUID | None = message.conversation_id
        if conversation_id is None:
            return
        try:
            await self._recipients.canonical_found(message.actor, conversation_id, wa_id)
        except DomainError as exc:
            log.warning("canonical number not kept", error=exc.code)


def _shape(value: object, name: str = "") -> object:
    """What a body is made of, without what it says: nobody's words or number may stand in a log."""
    if isinstance(value, Mapping):
        return {str(key): _shape(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner, name) for inner in value]
    return value if name in _PLAIN or not isinstance(value, str) else f"{len(value)} characters"
