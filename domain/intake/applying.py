"""Which use case each inbound thing is; every call is part of the event's transaction."""

from domain.channels import queries as channels
from domain.channels.dto import InboundEvent
from domain.channels.jobs import SYNC_TEMPLATES
from domain.contacts.dto import Contact
from domain.contacts.service import ContactService
from domain.contacts.words import language_of_wish, opt_in, opt_out
from domain.conversations import messages
from domain.conversations.changes import hold
from domain.conversations.dto import Conversation, Outgoing
from domain.conversations.inbound import (
    MEDIA_KINDS,
    AccountNews,
    ContactCard,
    HistoryMessage,
    IdentityChange,
    Ignored,
    Inbound,
    MarketingChoice,
    MessageKind,
    PhoneEcho,
    PhoneEchoEdit,
    ReceivedEdit,
    ReceivedMessage,
    ReceivedReaction,
    ReceivedRevoke,
    StatusUpdate,
    Unknown,
)
from domain.conversations.service import ConversationService
from domain.i18n.detect import changes_language
from domain.i18n.reader import Reader
from domain.intake import alerts
from domain.kernel.clock import Clock
from domain.kernel.db import Tx
from domain.kernel.queue import enqueue
from domain.leads.service import LeadService
from domain.tenancy.queries import tenant as read_tenant

_WRITTEN = frozenset({MessageKind.TEXT, *MEDIA_KINDS})  # captions are typed, too
_TYPED = frozenset({*_WRITTEN, MessageKind.CHOICE, MessageKind.ORDER})


def is_wish(contact: Contact, words: str) -> bool:
    """Whether somebody says STOP; or START, after they had said STOP."""
    return opt_out(words) or (contact.opted_out_at is not None and opt_in(words))


class Applying:
    """Applies inbound things."""

    def __init__(
        self, clock: Clock, contacts: ContactService, conversations: ConversationService, leads: LeadService
    ) -> None:
        self._clock = clock
        self._contacts = contacts
        self._conversations = conversations
        self._leads = leads

    def concerns_us(self, inbound: Inbound) -> bool:
        """Whether anything is done about it."""
        return not isinstance(inbound, Ignored | Unknown)

    def text_of(self, inbound: Inbound) -> str:
        """What a person typed, captions and changed texts, too; empty for everything else."""
        if isinstance(inbound, ReceivedEdit):
            return inbound.text
        return inbound.text if isinstance(inbound, ReceivedMessage) and inbound.kind in _WRITTEN else ""

    async def apply(self, tx: Tx, event: InboundEvent, inbound: Inbound, locale: str | None) -> None:
        """Apply one thing; `locale` is the language of its text, when that was sure."""
        match inbound:
            case ReceivedMessage():
                await self._message(tx, event, inbound, locale)
            case StatusUpdate():
                await self._conversations.apply_status(tx, event.account_id, inbound)
            case ReceivedReaction() | ReceivedEdit() | ReceivedRevoke():
                await self._news(tx, event, inbound, locale)
            case PhoneEcho() | PhoneEchoEdit() | HistoryMessage():
                await self._phone(tx, event, inbound)
                await channels.note_phone_app(tx, event.account_id)  # last: who has this row waits for nothing else
            case IdentityChange() | ContactCard() | MarketingChoice():
                await self._person(tx, event, inbound)
            case AccountNews():
                await self._account(tx, event, inbound)
            case Ignored() | Unknown():
                pass

    async def _message(self, tx: Tx, event: InboundEvent, inbound: ReceivedMessage, locale: str | None) -> None:
        contact = await self._contacts.heard_from(tx, inbound.sender)
        if contact.blocked_at is not None:
            if await self._contacts.note_blocked(tx, contact.id, inbound.provider_id):
                await self._conversations.note_blocked(tx, contact.id, event.account_id)
            return
        locale = await self._learn_language(tx, contact, inbound.text, locale)
        if await self._asked(tx, event, contact, inbound, locale):
            return
        received = await self._conversations.receive(tx, contact, event.account_id, inbound, event.received_at)
        if received is not None and not inbound.group_id:
            await self._leads.ensure(tx, contact.id, "whatsapp", inbound.referral)

    async def _learn_language(self, tx: Tx, contact: Contact, words: str, locale: str | None) -> str | None:
        """Keep the language of what somebody wrote, and return it; one word alone changes none that is known."""
        if locale is None or (contact.locale is not None and not changes_language(words)):
            return None
        if locale != contact.locale:
            await self._contacts.set_locale(tx, contact.id, locale)
        return locale

    async def _asked(
        self, tx: Tx, event: InboundEvent, contact: Contact, inbound: ReceivedMessage, locale: str | None
    ) -> bool:
        """STOP and START come before anything else; True when that is what was said."""
        if inbound.kind not in _TYPED or inbound.group_id:
            return False
        if not is_wish(contact, inbound.text):
            return False
        received = await self._conversations.receive(
            tx, contact, event.account_id, inbound, event.received_at, may_answer=False
        )
        if received is None:
            return True
        await self.obey(tx, contact, received.conversation, inbound.text, inbound.provider_id, locale)
        return True

    async def obey(
        self, tx: Tx, contact: Contact, conversation: Conversation, words: str, provider_id: str, locale: str | None
    ) -> None:
        """Stop writing to somebody who said STOP, write again after START, and confirm it once."""
        stops = opt_out(words)
        change = self._contacts.opt_out if stops else self._contacts.opt_in
        if await change(tx, contact.id, words, provider_id):
            key = "opted_out" if stops else "opted_in"
            language = locale or contact.locale or language_of_wish(words) or (await read_tenant(tx)).locale
            said = Outgoing(Reader(language)(f"customer.{key}"))
            await self._conversations.confirm_consent(tx, conversation, said, key, words)

    async def _news(
        self, tx: Tx, event: InboundEvent, inbound: ReceivedReaction | ReceivedEdit | ReceivedRevoke,
        locale: str | None,
    ) -> None:  # fmt: skip
        contact = await self._contacts.heard_from(tx, inbound.sender)
        if contact.blocked_at is not None:
            return
        match inbound:
            case ReceivedReaction():
                await self._conversations.react(tx, event.account_id, inbound)
            case ReceivedEdit():
                await self._learn_language(tx, contact, inbound.text, locale)
                may_answer = not is_wish(contact, inbound.text)
                await self._conversations.edit(tx, contact, event.account_id, inbound, may_answer=may_answer)
                await self._edited(tx, event, contact, inbound)
            case ReceivedRevoke():
                await self._conversations.revoke(tx, contact, event.account_id, inbound)

    async def _edited(self, tx: Tx, event: InboundEvent, contact: Contact, inbound: ReceivedEdit) -> None:
        """A message that was changed into STOP is one, where it is theirs and no group's."""
        if not is_wish(contact, inbound.text):
            return
        row = await messages.by_provider_id(tx, event.account_id, inbound.target_id)
        if row is None or row["body"] != inbound.text or "group_id" in row["content"]:
            return
        conversation = (await hold(tx, row["conversation_id"])).conversation
        if conversation.contact_id == contact.id:
            await self.obey(tx, contact, conversation, inbound.text, inbound.provider_id, None)

    async def _phone(self, tx: Tx, event: InboundEvent, inbound: PhoneEcho | PhoneEchoEdit | HistoryMessage) -> None:
        if isinstance(inbound, PhoneEchoEdit):
            await self._conversations.echo_changed(tx, event.account_id, inbound)
            return
        contact = await self._contacts.resolve(tx, inbound.message.sender)
        if isinstance(inbound, PhoneEcho):
            await self._conversations.echo(tx, contact, event.account_id, inbound, event.received_at)
        elif contact.blocked_at is None:
            await self._conversations.history(tx, contact, event.account_id, inbound, event.received_at)

    async def _person(
        self, tx: Tx, event: InboundEvent, inbound: IdentityChange | ContactCard | MarketingChoice
    ) -> None:
        match inbound:
            case IdentityChange():
                contact = await self._contacts.change_identity(tx, inbound.before, inbound.after)
                await self._conversations.readdress(tx, contact.id, event.account_id, inbound.after)
            case ContactCard():
                # The phone's address book holds private people, too: only who has written to the shop is kept.
                if not inbound.is_removed and await self._contacts.is_known(tx, inbound.identity):
                    await self._contacts.resolve(tx, inbound.identity)
            case MarketingChoice():
                contact = await self._contacts.resolve(tx, inbound.sender)
                wants = inbound.wants_marketing
                await self._contacts.note_marketing(tx, contact.id, wants_marketing=wants, at=inbound.at)

    async def _account(self, tx: Tx, event: InboundEvent, inbound: AccountNews) -> None:
        if inbound.refusal_code is not None:
            is_first = await alerts.refused(tx, self._clock, event.account_id, inbound.refusal_code, inbound.summary)
            if not is_first:  # a hundred messages of one campaign fail alike
                return
        elif inbound.is_alert:
            await alerts.tell(tx, self._clock, event.account_id, "account_news", inbound.summary)
        if inbound.refreshes_templates:
            await enqueue(tx, SYNC_TEMPLATES, {})
