"""Every claim of a reply, in the order they stand."""

import re
from collections.abc import Iterator

from agent.gates.amounts import find_money, find_shares
from agent.gates.claims import Claim, Kind, Link
from agent.gates.deeds import find_deeds
from agent.gates.folded import Folded
from agent.gates.times import find_times

_LINK = re.compile(
    r"\bhttps?://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+|(?<![\w-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,12}/[^\s<>\"')\]]*",
    re.IGNORECASE,
)


def find_claims(text: str) -> list[Claim]:
    """Money, percentages, days, hours, durations, deeds and links of a reply, sorted by place.

    Pure; the work grows with the length of the reply and no faster.

    Divisions (D4), order numbers (#12), levels, counts of things and the numbers of a list are no claims. Numbers
    inside a link are not looked at.
    """
    links = list(_links(text))
    reply = Folded(_LINK.sub(lambda match: "|" * len(_url(match)) + match[0][len(_url(match)) :], text))
    times, shares = find_times(reply), list(find_shares(reply))
    found = [*links, *times, *shares, *find_money(reply, (*times, *shares)), *find_deeds(reply)]
    return sorted(found, key=lambda claim: (claim.start, claim.end))


def _links(text: str) -> Iterator[Claim]:
    for match in _LINK.finditer(text):
        url = _url(match)
        yield Claim(Kind.LINK, url, match.start(), match.start() + len(url), (Link(url),))


def _url(match: re.Match[str]) -> str:
    return match[0].rstrip(".,;:!?")
