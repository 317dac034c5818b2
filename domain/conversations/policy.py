"""The rules of conversations: what a status may change, what may be said to whom, and why something was not sent."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.contacts.dto import Contact
from domain.contacts.identifiers import keys_of_address
from domain.conversations.dto import Author, Conversation
from domain.conversations.inbound import StatusUpdate

FAILED = "failed"
RANKS = {"queued": 0, "unknown": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4}
# Refused late, and worth one more try; a file (131052, 131053) is uploaded anew for it.
SENT_AGAIN_ONCE = frozenset({"130429", "131056", "131016", "131000", "131052", "131053"})
NOBODY_THERE = "131026"  # nobody has WhatsApp under this number, as it was written
# So many people were written to of the shop's own accord that the provider takes no more for a day. Then nothing of
# that kind goes out by itself; when it was last said, the alerts' slots know (`channels.alerts`).
MESSAGING_LIMIT = 131064
LIMITED_FOR = timedelta(hours=24)
_FAILURES = {
    "window_closed": {"window_closed", "131047"},
    "opted_out": {"opted_out", "131050"},
    "blocked": {"blocked"},
    "account_stopped": {
        "account_stopped",
        "190",
        "0",
        "10",
        "131005",
        "131031",
        "131042",
        "131044",
        "368",
        "131045",
        "133010",
    },
    "unreachable": {"unreachable", "131026", "131021", "131030", "131062", "130403"},
    "held_back": {"131049", "130472", "131048", "131064", "limit_reached"},
    "too_fast": {"130429", "131056", "80007", "4", "131057", "133016"},
    "file": {"131051", "131052", "131053", "100_media"},
    "template": {"132000", "132001", "132005", "132007", "132008", "132012", "132015", "132016", "132068", "132069"},
    "outage": {"131000", "131016", "133004", "1", "2", "given up"},
    "unclear": {"unknown_twice"},
    "too_long": {"too_long"},
    "empty": {"empty"},
    "no_file": {"no_such_file"},
    "no_address": {"no_address"},
    "gateway": set(),  # http_*: something between us and WhatsApp answered
}
_BY_CODE = {code: reason for reason, codes in _FAILURES.items() for code in codes}
FAILURES = (*_FAILURES, "other")


def advances(state: str, status: str) -> bool:
    """Whether a status moves a message on: never back, a failure stays, and what arrived did not fail."""
    if state not in RANKS:
        return False
    if status == FAILED:
        return RANKS[state] < RANKS["delivered"]
    return RANKS.get(status, 0) > RANKS[state]


def furthest(updates: Sequence[StatusUpdate]) -> list[StatusUpdate]:
    """Of each message the status that says the most, in the order the messages came; all of one that failed."""
    found: dict[str, list[StatusUpdate]] = {}
    for update in updates:
        found.setdefault(update.provider_id, []).append(update)
    return [one for same in found.values() for one in _furthest_of_one(same)]


def _furthest_of_one(updates: list[StatusUpdate]) -> list[StatusUpdate]:
    if any(update.status not in RANKS for update in updates):
        return updates
    return [max(updates, key=lambda update: RANKS[update.status])]


def failure_of(error: str) -> str:
    """The reason below `conversation.failure.` for an error as the outbox keeps it (`meta: 131047 ...`)."""
    words = _words(error)
    if error.startswith("given up"):
        return "outage"
    found = next((_BY_CODE[word] for word in words if word in _BY_CODE), None)
    return found or ("gateway" if any(word.startswith("http_") for word in words) else "other")


def says_nobody_there(error: str) -> bool:
    """Whether an error says that nobody receives messages under the address."""
    return NOBODY_THERE in _words(error)


def _words(error: str) -> list[str]:
    return [word for word in re.split(r"[\s:,()]+", error) if word]


def unreachable_since(conversation: Conversation, contact: Contact) -> datetime | None:
    """Since when nobody receives messages where the answers go; None: as far as we know, somebody does.

    The provider said so of the last message; whoever has written since can be written to.
    """
    if not contact.unreachable:
        return None
    keys = keys_of_address(conversation.reply_channel_id or contact.phone.lstrip("+"))
    since = max((contact.unreachable[key] for key in keys if key in contact.unreachable), default=None)
    wrote = conversation.last_inbound_at
    return None if since is None or (wrote is not None and wrote > since) else since


def refusal(
    conversation: Conversation, contact: Contact, author: Author, now: datetime, *, is_template: bool,
    is_confirmation: bool,
) -> str:  # fmt: skip
    """Why something must not be said now; empty: say it.

    After STOP nothing is said by itself, but for the one confirmation; staff may answer who wrote again since. Nor is
    anything said by itself where nobody receives it; staff may try.
    """
    if contact.blocked_at is not None:
        return "blocked"
    if contact.opted_out_at is not None and not is_confirmation:
        wrote = conversation.last_inbound_at
        if author is not Author.MEMBER or wrote is None or wrote <= contact.opted_out_at:
            return "opted_out"
    if author is not Author.MEMBER and unreachable_since(conversation, contact) is not None:
        return "unreachable"
    if not is_template and not conversation.is_window_open(now):
        return "window_closed"
    return ""
