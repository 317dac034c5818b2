"""Tells customers how their order goes, once per event, where they wrote to us."""

from uuid import UUID

from domain.contacts import queries as contacts
from domain.contacts.dto import Contact
from domain.conversations.changes import notify
from domain.conversations.dto import Author, Conversation, Outgoing, TemplateCall
from domain.conversations.policy import unreachable_since
from domain.conversations.service import ConversationService
from domain.i18n.locales import our_locale
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.db import Database, Tx
from domain.leads.service import LeadService
from domain.notifications import templates
from domain.orders import queries as orders
from domain.orders.dto import Order, Transition
from domain.orders.policy import plain_division
from domain.tenancy.queries import tenant as read_tenant

# What a customer should hear of; everything else is the house's own business: pay, deadlines, who took it over.
TOLD = frozenset({
    Transition.CLAIM, Transition.PAUSE, Transition.RESUME, Transition.PROGRESS, Transition.COMPLETE,
    Transition.CANCEL, Transition.ABANDON, Transition.BAN,
})  # fmt: skip
_HEARD = TOLD | {Transition.PUBLISH}


class NotificationService:
    """News of orders on their way to customers."""

    def __init__(self, db: Database, clock: Clock, conversations: ConversationService, leads: LeadService) -> None:
        self._db = db
        self._clock = clock
        self._conversations = conversations
        self._leads = leads

    async def tell_customer(
        self, tenant_id: UUID, order_id: UUID, transition: str, event_key: str, job_key: str
    ) -> None:
        """Tell the customer of one event of an order, in their language, in their latest conversation.

        Outside the window it goes out as the template `order_update`, where one is approved in the language. Whoever
        cannot or must not be told (STOP, block, no template) is not; their thread hears of that, and only then: what
        is told stands in the thread anyway. A posted order wins the person's lead. The same event again changes
        nothing, nor does the same division again; the start and the target of a climb are no progress to tell.

        Args:
            tenant_id: The shop.
            order_id: The order.
            transition: What happened to it.
            event_key: The command that did it.
            job_key: The job's.
        """
        try:
            what = Transition(transition)
        except ValueError:
            return
        key = f"order:{order_id}:{what}:{event_key}"
        async with self._db.tx(Actor.system(tenant_id, "notifications", key)) as tx:
            order = await orders.read(tx, order_id)
            if order.contact_id is None:
                return
            contact = await contacts.read(tx, await contacts.living(tx, order.contact_id))
            conversation = await self._conversations.latest_of(tx, contact.id)
            if what is Transition.PUBLISH:
                await self._leads.order_posted(tx, contact.id)
            if conversation is None or what not in _HEARD or _is_no_news(order, what):
                return
            if what is Transition.PROGRESS:
                key = f"order:{order_id}:{what}:{order.progress_division}"
            if not await self._conversations.note_once(tx, conversation.id, "order_news", key):
                return
            await self._tell(tx, contact, conversation, order, what, key)

    async def _tell(
        self, tx: Tx, contact: Contact, conversation: Conversation, order: Order, what: Transition, key: str
    ) -> None:
        if what is Transition.PUBLISH:
            await notify(tx, self._clock, conversation.id, "order_posted", code=order.code)
            return
        outgoing = await self._words(tx, contact, conversation, order, what)
        if outgoing is None:
            reason = _why_not(contact, conversation)
            news = {"code": order.code, "transition": what.value, "reason": reason}
            await notify(tx, self._clock, conversation.id, "customer_not_told", **news)
            return
        await self._conversations.say(tx, conversation.id, outgoing, Author.SYSTEM, "orders", command_key=key)

    async def _words(
        self, tx: Tx, contact: Contact, conversation: Conversation, order: Order, what: Transition
    ) -> Outgoing | None:
        """What to say, and how; None when nothing can be said."""
        if _why_not(contact, conversation) != "window_closed":
            return None
        tenant = await read_tenant(tx)
        locale = our_locale(contact.locale, tenant.locale)
        division = order.progress_division or order.start_division
        target = order.final_division if what is Transition.COMPLETE and order.final_division else order.target_division
        text = Reader(locale, tenant.zone)(f"customer.order.{what}", order=order.code, division=division, target=target)
        if conversation.is_window_open(self._clock.now()):
            return Outgoing(text)
        template = await templates.order_update(tx, conversation.account_id, locale)
        if template is None:
            return None
        filled = templates.filled(template, order.code, text)
        if filled is None:
            return None
        return Outgoing(template.filled(filled), template=TemplateCall(template.name, template.language, filled))


def _why_not(contact: Contact, conversation: Conversation) -> str:
    """Why somebody cannot be told anything; where nothing else forbids it, it can only be the closed window."""
    if contact.blocked_at is not None:
        return "blocked"
    if contact.opted_out_at is not None:
        return "opted_out"
    return "unreachable" if unreachable_since(conversation, contact) is not None else "window_closed"


def _is_no_news(order: Order, what: Transition) -> bool:
    """Whether a customer knows it already, or hears it in a moment: still at the start, or at the target."""
    if what is not Transition.PROGRESS:
        return False
    return order.progress_division in (None, plain_division(order.start_division), order.target_division)
