"""Which phone numbers are one number: the spellings Brazil, Argentina and Mexico are delivered in.

Source: the rules WhatsApp inboxes have settled on; the provider itself delivers either spelling. A stored value is
never rewritten: people are answered at the number the provider delivered. No database here.
"""

import re

_BRAZIL = re.compile(r"55(\d\d)(9?)([6-9]\d{7})")  # a landline starts with 2 to 5 and has no ninth digit to drop
_ARGENTINA = re.compile(r"549(\d{10})")
_WRITTEN = re.compile(r"\+?\d[\d\s().\-/]{6,30}\d", re.ASCII)
_SHORTEST_NATIONAL = 9
_MEXICO = re.compile(r"52(1?)(\d{10})")


def digits_of(value: str) -> str:
    """The ASCII digits of a number as somebody wrote it: `+55 (11) 9...` and `5511...` are the same."""
    return "".join(c for c in value if "0" <= c <= "9")


def variants(digits: str) -> tuple[str, ...]:
    """Other spellings under which the same person may be known already; the spelling itself is not among them.

    Brazil with and without the ninth digit, where what remains starts with 6 to 9; Mexico with and without the 1
    after 52; Argentina 549 to 54, and never back: 54 without the 9 may be a landline of somebody else.
    """
    if found := _BRAZIL.fullmatch(digits):
        area, ninth, rest = found.groups()
        return (f"55{area}{rest}" if ninth else f"55{area}9{rest}",)
    if found := _ARGENTINA.fullmatch(digits):
        return (f"54{found[1]}",)
    if found := _MEXICO.fullmatch(digits):
        one, rest = found.groups()
        return (f"52{rest}" if one else f"521{rest}",)
    return ()


def family(digits: str) -> str:
    """One spelling for all that may match each other, either way: what a lock is taken on."""
    return min((digits, *variants(digits)), key=len)


def is_written_in(number: str, text: str) -> bool:
    """Whether people's words hold this number, as it is, in another spelling, or without its country."""
    ours = digits_of(number)
    if len(ours) < _SHORTEST_NATIONAL:
        return False
    for found in _WRITTEN.findall(text):
        digits = digits_of(found).lstrip("0")
        is_national = len(digits) >= _SHORTEST_NATIONAL and ours.endswith(digits)
        if is_national or family(digits) == family(ours):
            return True
    return False
