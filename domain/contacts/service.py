"""People who write to the shop: recognise, merge, link, block, and what they asked for."""

from domain.contacts.consent import Consent
from domain.contacts.linking import Linking
from domain.contacts.recognising import Recognising
from domain.contacts.staff import StaffSide

__all__ = ["ContactService"]


class ContactService(Recognising, Consent, StaffSide, Linking):
    """The use cases of contacts.

    Methods that take an actor are one transaction each; those that take a transaction are part of the caller's.
    """
