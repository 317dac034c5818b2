"""An emulator of WhatsApp with Meta's Cloud API: Graph, webhooks, and the people with their phones."""

from sandbox.whatsapp.emulator import WhatsAppEmulator
from sandbox.whatsapp.errors import ClientRefusal, GraphError, VerificationRefused
from sandbox.whatsapp.events import Event
from sandbox.whatsapp.numbers import Number
from sandbox.whatsapp.phone import Phone
from sandbox.whatsapp.phone_writing import ad
from sandbox.whatsapp.state import Account, App, Button, Media, Message, Row
from sandbox.whatsapp.templates import Template

__all__ = [
    "Account",
    "App",
    "Button",
    "ClientRefusal",
    "Event",
    "GraphError",
    "Media",
    "Message",
    "Number",
    "Phone",
    "Row",
    "Template",
    "VerificationRefused",
    "WhatsAppEmulator",
    "ad",
]
