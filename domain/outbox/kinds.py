"""What can leave the house; each kind has one renderer at the door."""

from enum import StrEnum


class Kind(StrEnum):
    """The kind of an outbound message."""

    ORDER_CARD = "order.card"  # subject: the order
    ORDER_NOTICE = "order.notice"  # params: code, transition, actor, reason
    ORDER_DIRECT = "order.direct"  # to a booster; params: code, transition, actor, reason
    PAY_STUB = "payroll.stub"  # to a booster; subject: the run
    PAYROLL_PAID = "payroll.paid"  # subject: the run
    PAYROLL_DISPUTE = "payroll.dispute"  # subject: the run; params: run_number, member, text
    PAYOUT_CHANGED = "staff.payout_changed"  # to the owner; params: member, usable_at
    DAY_CLOSED = "closing.closed"  # params: number
    CLOSE_REMINDER = "closing.reminder"  # params: business_on, the day that is not closed yet
    CHANNEL_MISSING = "tenancy.channel_missing"  # params: purpose
    CHANNEL_FORBIDDEN = "tenancy.channel_forbidden"  # params: channel_id, purpose; or to an owner
    SETUP_TEST = "tenancy.setup_test"  # params: purpose
    JOB_PARKED = "jobs.parked"  # params: job, job_id
    QUEUE_STALLED = "jobs.stalled"  # params: oldest_age_s, waiting_count
    CONVERSATION_CARD = "conversation.card"  # first message of the thread; subject: the conversation
    CONVERSATION_MESSAGE = "conversation.message"  # in the thread; subject: the message, as it is now
    CONVERSATION_NOTICE = "conversation.notice"  # in the thread; params: what, and what it needs
    WAITING_BOARD = "conversation.board"  # which chats wait for a person; subject: the tenant
    BOARD_MOVED = "conversation.board_moved"  # what is left where the board stood before; subject: the tenant
    WHATSAPP_MESSAGE = "whatsapp.message"  # to the contact; subject: the message
    LEAD_CARD = "lead.card"  # subject: the lead
    CHANNEL_ALERT = "channel.alert"  # params: what, phone, detail


STANDING = frozenset({
    Kind.ORDER_CARD, Kind.CONVERSATION_CARD, Kind.CONVERSATION_MESSAGE, Kind.WAITING_BOARD, Kind.BOARD_MOVED,
    Kind.LEAD_CARD,
})  # fmt: skip  # posted once, then edited
