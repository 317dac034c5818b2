"""Numbers and names that WhatsApp gives out, and the spellings of one phone number that mean the same phone."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import count

BSUID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$")
_SEPARATORS = re.compile(r"[\s()+.-]")
_COUNTRIES = {"34": "ES", "33": "FR", "55": "BR", "54": "AR", "52": "MX", "44": "GB", "57": "CO", "49": "DE"}


class Identifiers:
    """Hands out identifiers that look like Meta's and never repeat."""

    def __init__(self) -> None:
        self._count = count(1)

    def graph(self) -> str:
        """Return an id for an account, an app, a number, a template or a medium."""
        return str(1_065_000_000_000_000 + next(self._count) * 7919)

    def wamid(self, digits: str) -> str:
        """Return a message id."""
        inside = f"\x1d\x18\x0b{digits}\x15\x02\x00\x12\x18\x14{next(self._count):020X}\x00"
        return "wamid." + base64.b64encode(inside.encode()).decode()

    def bsuid(self, digits: str) -> str:
        """Return a business-scoped user id for a phone number; another one each time."""
        return f"{_COUNTRIES.get(digits[:2], 'US')}.{13_491_208_655_302_000_000 + next(self._count) * 104_729}"


def parent_of(bsuid: str) -> str:
    """Return the id of the same person for the parent business."""
    country, _, rest = bsuid.partition(".")
    return f"{country}.ENT.{rest}"


def digits_of(written: str) -> str | None:
    """Return the digits of a phone number as a business may write it; None for what is none."""
    digits = _SEPARATORS.sub("", written)
    return digits if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 else None


def spellings(digits: str) -> Iterator[str]:
    """Yield the number itself, then the others under which Brazil, Argentina and Mexico know the same phone."""
    yield digits
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9" and digits[5] in "6789":
        yield digits[:4] + digits[5:]
    elif digits.startswith("55") and len(digits) == 12 and digits[4] in "6789":
        yield f"{digits[:4]}9{digits[4:]}"
    elif digits.startswith("549") and len(digits) == 13:
        yield "54" + digits[3:]
    elif digits.startswith("521") and len(digits) == 13:
        yield "52" + digits[3:]
    elif digits.startswith("52") and len(digits) == 12:
        yield "521" + digits[2:]
