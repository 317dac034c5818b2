"""What identifiers are recognised by. No database here."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from domain.contacts.dto import IdentifierKind, Identity
from domain.contacts.numbers import digits_of, family, variants

NAME_LIMIT = 80
VALUE_LIMIT = 160
_LOOKED_AT = 1_000  # characters of a name; nobody's name is longer, and cleaning stays cheap
_DROPPED = ("Cc", "Cs")
_INVISIBLE = frozenset("\u061c\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBERS = (IdentifierKind.WA_ID, IdentifierKind.PHONE)
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,150}")  # also seen where a number belongs


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier of one event.

    Attributes:
        value: As the provider delivered it.
        match_key: What the same identifier has in common however it is written.
        variant_keys: Keys under which the person may be known too, looked at when `match_key` is unknown.
        lock_key: The same for all that may match each other.
    """

    kind: IdentifierKind
    value: str
    match_key: str
    variant_keys: tuple[str, ...]
    lock_key: str

    @property
    def is_weak(self) -> bool:
        """Usernames change hands: they recognise nobody while anything stronger is there."""
        return self.kind is IdentifierKind.USERNAME


def identifiers_of(identity: Identity) -> tuple[Identifier, ...]:
    """The identifiers an event carries; empty and impossible values are left out."""
    found = []
    for kind, value in identity.identifiers.items():
        kept = "".join(c for c in value if not _is_dropped(c)).strip()
        if 0 < len(kept) <= VALUE_LIMIT:
            found.append(_identifier(kind, kept))
    return tuple(found)


def keys_of_address(address: str) -> tuple[str, ...]:
    """Under which keys an address that messages go to may be known: a number in each of its spellings, or a user id."""
    kind = IdentifierKind.BSUID if _USER_ID.fullmatch(address) else IdentifierKind.WA_ID
    one = _identifier(kind, address)
    return (one.match_key, *one.variant_keys)


def deciding(identifiers: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """Those that say who it is: all but the username, and the username where it is alone."""
    strong = tuple(one for one in identifiers if not one.is_weak)
    return strong or tuple(identifiers)


def clean_contact_name(name: str) -> str:
    """The name people give themselves, fit to be shown: one line, at most 80 characters, without invisible ones.

    Nothing is left in it that turns text around. Nothing at all may be left: no name is a reason to refuse a message.
    """
    kept = (" " if c.isspace() else "" if _is_dropped(c) else c for c in name[:_LOOKED_AT])
    return " ".join("".join(kept).split())[:NAME_LIMIT].strip()


def _is_dropped(c: str) -> bool:
    return c in _INVISIBLE or unicodedata.category(c) in _DROPPED


def _identifier(kind: IdentifierKind, value: str) -> Identifier:
    digits = digits_of(value) if kind in _NUMBERS and not _USER_ID.fullmatch(value) else ""
    if digits:
        near = tuple(f"number:{other}" for other in variants(digits))
        return Identifier(kind, value, f"number:{digits}", near, f"number:{family(digits)}")
    is_named = kind in (IdentifierKind.USERNAME, IdentifierKind.DISCORD)
    key = f"{kind}:{value.casefold()}" if is_named else f"user:{value}"  # own and parent user ids alike
    return Identifier(kind, value, key, (), key)
