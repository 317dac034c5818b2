"""The clients of Nova Boost: people with WhatsApp on their phone, each writing in their own language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.whatsapp import Number, Phone, WhatsAppEmulator

STRANGE_NAME = "@everyone {}"


@dataclass
class Clients:
    """The shop's number and the phones that write to it.

    Attributes:
        number: The shop's, connected by Olivia in the morning; her own phone answers on it too.
        noa: Wants no more messages, and then does again.
        strange: Calls herself what would ping everybody, were it believed.
        spoken: What was said in voice notes, by message id.
    """

    whatsapp: WhatsAppEmulator
    number: Number
    marta: Phone
    tom: Phone
    elise: Phone
    lucas: Phone
    noa: Phone
    strange: Phone
    spoken: dict[str, str] = field(default_factory=dict)

    @property
    def phones(self) -> tuple[Phone, ...]:
        """Everybody, in the order of their first message."""
        return self.marta, self.tom, self.elise, self.lucas, self.noa, self.strange

    def chat_of(self, phone: Phone) -> list[str]:
        """What was said in a chat as the phone shows it, letters and digits only, oldest first."""
        messages = phone.chat(self.number).messages
        return [letters(self.spoken.get(message.id) or message.text) for message in messages]


def found_clients(whatsapp: WhatsAppEmulator) -> Clients:
    """Give the shop a number and six people a phone."""
    return Clients(
        whatsapp,
        whatsapp.add_number("34911000111", name="Nova Boost", is_coexistence=True),
        whatsapp.add_phone("34600000001", name="Marta", locale="es"),
        whatsapp.add_phone("447700900002", name="Tom", locale="en"),
        whatsapp.add_phone("33700000003", name="Élise", locale="fr"),
        whatsapp.add_phone("5511900000004", name="Lucas", locale="pt-BR"),
        whatsapp.add_phone("34600000005", name="Noa", locale="es"),
        whatsapp.add_phone("34600000006", name=STRANGE_NAME, locale="en"),
    )


def letters(text: str) -> str:
    """Letters and digits of a text: what is left of it whatever marks a door sets."""
    return re.sub(r"[\W_]+", "", text).lower()
