"""The rules of leads: which stage may follow which, and who may move them. No database here.

| from | to | who | reason |
|---|---|---|---|
| a live stage | any later live stage (steps may be skipped) | sales; the assistant up to negotiation | - |
| a live stage | the one before | sales | needed |
| a live stage | won | sales | - |
| a live stage | lost | sales | needed |
| won, lost | negotiation, contacted | sales | needed |

The assistant moves forward only, never ends a lead and never reopens one.
"""

from datetime import timedelta

from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict, DomainError, InvalidInput, LimitReached, PermissionDenied
from domain.kernel.roles import Role
from domain.kernel.text import clean_name
from domain.leads.dto import LIVE_STAGES, Stage

REASON_LIMIT = 300
NOTE_LIMIT = 1000
WISH_LIMIT = 500
START_LIMIT = 40
TARGET_LIMIT = 12
TAG_LIMIT = 24
TAGS_LIMIT = 10
QUIET_AFTER_END = timedelta(days=30)  # a person who writes later than that has a new wish
ENDED_STAGES = (Stage.WON, Stage.LOST)
REOPENED_STAGES = (Stage.NEGOTIATION, Stage.CONTACTED)
SALES_ROLES = frozenset({Role.OWNER, Role.ADMIN, Role.DISPATCHER, Role.SELLER})
AD_SOURCES = ("ad", "post")
SOURCES = ("whatsapp", *AD_SOURCES, "manual")


def check_move(actor: Actor, number: int, start: Stage, end: Stage, reason: str) -> None:
    """Refuse a move the table above does not have. Staying is no move.

    Raises:
        PermissionDenied: `lead.not_by_assistant`.
        Conflict: `lead.has_ended` or `lead.one_step_back`.
        InvalidInput: `text.required`: this move needs a reason.
    """
    if Role.AGENT in actor.roles and not _is_forward(start, end):
        raise PermissionDenied("lead.not_by_assistant", lead=number)
    refused = _refusal(number, start, end)
    if refused is not None:
        raise refused
    if needs_reason(start, end) and not reason:
        raise InvalidInput("text.required", field="reason")


def needs_reason(start: Stage, end: Stage) -> bool:
    """Whether somebody has to say why: losing, going back, reopening."""
    return end is Stage.LOST or start in ENDED_STAGES or (end in LIVE_STAGES and not _is_forward(start, end))


def is_allowed(start: Stage, end: Stage) -> bool:
    """Whether sales may move a lead so at all."""
    return start is not end and _refusal(0, start, end) is None


def _refusal(number: int, start: Stage, end: Stage) -> DomainError | None:
    if start in ENDED_STAGES:
        return None if end in REOPENED_STAGES else Conflict("lead.has_ended", lead=number)
    if end in ENDED_STAGES or _rank(end) >= _rank(start) - 1:
        return None
    return Conflict("lead.one_step_back", lead=number)


def _is_forward(start: Stage, end: Stage) -> bool:
    return start in LIVE_STAGES and end in LIVE_STAGES and _rank(end) > _rank(start)


def _rank(stage: Stage) -> int:
    return LIVE_STAGES.index(stage)


def clean_tag(tag: str) -> str:
    """A tag as it is kept: one line, lower case, without the # people put before it.

    Raises:
        InvalidInput: Nothing is left, or more than 24 characters.
    """
    return clean_name(tag.strip().lstrip("#").lower(), field="tag", limit=TAG_LIMIT, is_required=True)


def with_tag(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    """The tags with one more; one that is there already changes nothing.

    Raises:
        LimitReached: `lead.tags`.
    """
    if tag in tags:
        return tags
    if len(tags) >= TAGS_LIMIT:
        raise LimitReached("lead.tags", limit=TAGS_LIMIT)
    return (*tags, tag)
