"""Every claim of a reply, in the order they stand."""

import re
from collections.abc import Iterator

from agent.gates.amounts import find_money, find_shares
from agent.gates.claims import Claim, Kind, Link
from agent.gates.deeds import find_deeds
from agent.gates.folded import Folded
from agent.gates.times import find_times

_LINK = re.compile(
    r"\bhttps?://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+|\b(?:[\w-]+\.)+[a-z]{2,12}/[^\s<>\"')\]]*", re.IGNORECASE
)


def find_claims(text: str) -> list[Claim]:
    """Money, percentages, days, hours, durations, deeds and links of a reply, sorted by place. Pure and quick.

    Divisions (D4), order numbers (#12), levels, counts of things and the numbers of a list are no claims. Numbers
    inside a link are not looked at.
    """
    links = list(_links(text))
    plain = text
    for link in links:
        plain = plain[: link.start] + "|" * (link.end - link.start) + plain[link.end :]
    reply = Folded(plain)
    times, shares = find_times(reply), list(find_shares(reply))
    found = [*links, *times, *shares, *find_money(reply, (*times, *shares)), *find_deeds(reply)]
    return sorted(found, key=lambda claim: (claim.start, claim.end))


def _links(text: str) -> Iterator[Claim]:
    for match in _LINK.finditer(text):
        url = match[0].rstrip(".,;:!?")
        yield Claim(Kind.LINK, url, match.start(), match.start() + len(url), (Link(url),))
