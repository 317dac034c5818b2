"""What an onlooker is told: one small frozen record per thing that happened, for transcripts and for waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Direction = Literal["to_business", "to_phone"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened between a phone and a business number.

    `kind` is the message's type ("text", "image", "interactive"...) or one of "status", "read", "typing", "edit",
    "revoke", "reaction", "system"; `text` is what a person would read, for a status its name. `actor` is the name of
    who did it, `person` of whom the phone belongs to. `message_id` names the message that it is about, `quoted` is what
    that one quotes.
    """

    at: datetime
    number: str
    phone: str
    actor: str
    direction: Direction
    kind: str
    text: str
    message_id: str
    person: str = ""
    quoted: str = ""
