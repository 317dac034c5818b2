"""Everything that can be done with conversations."""

from domain.conversations.board import Boards
from domain.conversations.canned import Canned
from domain.conversations.changes import TurnTiming
from domain.conversations.changing import Changing
from domain.conversations.media import Media
from domain.conversations.overhearing import Overhearing
from domain.conversations.profile import AgentProfile
from domain.conversations.reacting import Reacting
from domain.conversations.reading import Reading
from domain.conversations.receiving import Receiving
from domain.conversations.redrawing import Redrawing
from domain.conversations.replying import Replying
from domain.conversations.settings import AgentChange, Settings
from domain.conversations.speaking import Speaking
from domain.conversations.staffing import Staffing
from domain.conversations.statuses import Statuses
from domain.conversations.turns import Turns
from domain.conversations.waiting import Waiting

__all__ = ["AgentChange", "AgentProfile", "ConversationService", "TurnTiming"]


class ConversationService(
    Receiving, Overhearing, Changing, Speaking, Statuses, Turns, Waiting, Replying, Reacting, Staffing, Reading, Canned,
    Media, Settings, Boards, Redrawing,
):  # fmt: skip
    """The use cases of conversations.

    Methods that take a `Tx` run in the caller's transaction; the others are one transaction each. A refusal changes
    nothing. A command that comes a second time (same command key) changes nothing either.
    """
