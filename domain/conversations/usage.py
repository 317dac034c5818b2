"""What the assistant used up in a day, of a contact's and of the shop's allowance."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.conversations.profile import AgentProfile, Allowance

# The shop's day is the sum of these rows. In one row, all its turns would wait for each other's commit.
_SHOP = tuple(f"shop:{place}" for place in range(8))


def scopes_to_read(contact_id: UUID) -> list[str]:
    """The rows of a day from which it shows what is left for a contact."""
    return [str(contact_id), *_SHOP]


def scopes_to_count(contact_id: UUID) -> list[str]:
    """The rows to which a contact's turn is added, in the order in which everybody holds them."""
    return [str(contact_id), _SHOP[contact_id.int % len(_SHOP)]]


def allowance(limits: AgentProfile, used: Iterable[Sequence[Any]], today: date, contact_id: UUID) -> Allowance:
    """What the next turn of a contact may use.

    Args:
        limits: The shop's.
        used: Scope, day (ISO), tokens and millionths of a US dollar of the rows of `scopes_to_read`; other days may
            be among them.
        today: The shop's business day.
        contact_id: Whose turn it is.
    """
    rows = [row for row in used if row[1] == today.isoformat()]
    of_shop = [row for row in rows if row[0] in _SHOP]
    of_contact = [row for row in rows if row[0] == str(contact_id)]
    tokens = (
        limits.turn_token_limit, limits.contact_day_token_limit - sum(row[2] for row in of_contact),
        limits.tenant_day_token_limit - sum(row[2] for row in of_shop),
    )  # fmt: skip
    micros = (
        limits.turn_cost_limit_micros, limits.contact_day_cost_limit_micros - sum(row[3] for row in of_contact),
        limits.tenant_day_cost_limit_micros - sum(row[3] for row in of_shop),
    )  # fmt: skip
    return Allowance(max(0, min(tokens)), max(0, min(micros)))
