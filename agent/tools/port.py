"""A tool: its name, what it takes, and what it does for one turn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from agent.gates.hygiene import clean_text
from agent.models.port import ToolSpec
from domain.conversations.turn_dto import TurnStart
from domain.i18n.reader import Reader
from domain.kernel.actor import Actor
from domain.kernel.money import Money
from domain.orders.quoting import Quote
from domain.services import Services
from domain.tenancy.dto import Tenant

Data = dict[str, Any]


class Arguments(BaseModel):
    """Base of what tools take: nothing unknown, nothing bent into shape, text capped."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _visible(cls, value: object) -> object:
        return clean_text(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with; tenant and contact are the conversation's, whatever the model says.

    Attributes:
        reader: The contact's language; amounts reach the model as the contact would read them.
    """

    services: Services
    actor: Actor
    tenant: Tenant
    turn: TurnStart
    reader: Reader


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gave.

    Attributes:
        data: For the model, JSON.
        amounts, instants: Facts a reply of this turn may state.
        receipts: What was really done, e.g. `lead_updated`.
        orders: The orders that were read, and what is true of each, in the words of `Facts.orders`.
        order_prices: What each of them costs: no price of a climb.
        quote: The climb that was priced.
        handoff: Reason and summary: the turn ends with a person.
        is_failure: The call was refused; the same call again would be refused again.
    """

    data: Data
    amounts: tuple[Money, ...] = ()
    instants: tuple[datetime, ...] = ()
    receipts: tuple[str, ...] = ()
    orders: Mapping[int, frozenset[str]] = field(default_factory=dict)
    order_prices: Mapping[int, Money] = field(default_factory=dict)
    quote: Quote | None = None
    handoff: tuple[str, str] | None = None
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    Attributes:
        arguments: Its pydantic model; the schema the model sees is made from it.
        reads: It changes nothing: the same call is answered from the turn's memory.
    """

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Desk, Any], Awaitable[Result]] = field(repr=False)
    reads: bool = True

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.pop("description", None)
        return ToolSpec(self.name, self.description, schema)
