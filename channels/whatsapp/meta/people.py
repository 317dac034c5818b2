"""Who an item is about: `from`, user ids and the contact beside it; each may be missing (1.9 of the facts)."""

from typing import Any

from channels.whatsapp.meta.fields import Json, bsuid, obj, text, wa_id
from domain.contacts.dto import IdentifierKind, Identity


class Contacts:
    """The contacts of a change, found by either identifier."""

    def __init__(self, contacts: list[Any]) -> None:
        self._all = [contact for contact in contacts if isinstance(contact, dict)]
        self._by_id: dict[str, Json] = {}
        for contact in self._all:
            for value in (text(contact.get("wa_id")), text(contact.get("user_id"))):
                if value:
                    self._by_id.setdefault(value, contact)

    def of(self, number: Any, user_id: Any) -> Json:
        """The contact with this number or user id; the only one when it contradicts neither; else nothing.

        A contact that might be somebody else's is not taken: it would make two people one.
        """
        for value in (text(number), text(user_id)):
            if value and value in self._by_id:
                return self._by_id[value]
        if len(self._all) != 1:
            return {}
        (only,) = self._all
        contradicts = (wa_id(number) and wa_id(only.get("wa_id"))) or (bsuid(user_id) and bsuid(only.get("user_id")))
        return {} if contradicts else only


def identity(number: Any, user_id: Any, contact: Json) -> Identity:
    """Everything that is said about a person; a user id may stand where the number belongs."""
    found = {
        IdentifierKind.WA_ID: wa_id(number) or wa_id(contact.get("wa_id")),
        IdentifierKind.BSUID: bsuid(user_id) or bsuid(number) or bsuid(contact.get("user_id")),
        IdentifierKind.USERNAME: text(username(contact), 100).strip(),
    }
    name = text(obj(contact.get("profile")).get("name"), 200)
    return Identity({kind: value for kind, value in found.items() if value}, name)


def username(contact: Json) -> Any:
    """The user name of a contact; it stands in the profile, or beside it in history."""
    return obj(contact.get("profile")).get("username") or contact.get("username")


def is_somebody(person: Identity) -> bool:
    """Whether a person can be recognised and answered: a user name alone changes freely."""
    return IdentifierKind.WA_ID in person.identifiers or IdentifierKind.BSUID in person.identifiers


def customer_of_echo(payload: Json, metadata: Json) -> Any:
    """The number an echo went to; some deliveries have the business's own number in `to`."""
    own = _digits(metadata.get("display_phone_number"))
    to = payload.get("to")
    return payload.get("from") if own and _digits(to) == own else to


def is_own_number(value: Any, metadata: Json) -> bool:
    """Whether a number is the business's."""
    own = _digits(metadata.get("display_phone_number"))
    return bool(own) and _digits(value) == own


def _digits(value: Any) -> str:
    return "".join(c for c in text(value, 40) if c in "0123456789")
