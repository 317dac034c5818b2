"""Checks that every Z is what it was and equals the journal."""

from collections.abc import Iterator, Sequence

from domain.closing import policy, queries
from domain.closing.dto import ChainBreak, CloseCheck
from domain.kernel.db import Row, Tx


async def check(tx: Tx) -> CloseCheck:
    """Verify numbers, hashes, journal ranges and totals of all Z reports. Hold the journal meanwhile."""
    closes = await queries.chain(tx)
    numbered = await tx.value("SELECT value FROM counters WHERE tenant_id = $1 AND name = 'close'", tx.tenant_id)
    found = [*_links(closes, numbered or 0), *_ranges(await queries.ranges(tx))]
    found += _totals(closes, await queries.closed_totals(tx))
    return CloseCheck(len(closes), tuple(sorted(found, key=lambda one: (one.number, one.what))))


def _links(closes: Sequence[Row], numbered: int) -> Iterator[ChainBreak]:
    previous, expected = b"", 1
    for row in closes:
        number = row["number"]
        if number != expected:
            yield ChainBreak(expected, "number")
        if bytes(row["previous_hash"]) != previous:
            yield ChainBreak(number, "link")
        own = policy.close_hash(
            bytes(row["previous_hash"]), number, row["business_on"], row["journal_from"], row["journal_to"],
            row["report"], row["closed_by"], row["closed_by_label"], row["closed_at"],
        )  # fmt: skip
        if bytes(row["hash"]) != own:
            yield ChainBreak(number, "hash")
        previous, expected = bytes(row["hash"]), number + 1
    if numbered >= expected:
        yield ChainBreak(expected, "number")  # the newest is missing: more numbers were given than are there


def _ranges(rows: Sequence[Row]) -> Iterator[ChainBreak]:
    ends = sorted((row["journal_from"], row["journal_to"], row["number"]) for row in rows if row["journal_from"])
    reached = 0
    for first, last, number in ends:
        if first <= reached:
            yield ChainBreak(number, "range")
        reached = max(reached, last)
    for row in rows:
        first, last = row["journal_from"], row["journal_to"]
        length = 0 if first is None else last - first + 1
        if (row["first_seq"], row["last_seq"], row["entry_count"]) != (first, last, length):
            yield ChainBreak(row["number"], "journal")


def _totals(closes: Sequence[Row], journal: Sequence[Row]) -> list[ChainBreak]:
    said = {row["number"]: [*row["report"]["totals"], row["report"]["paid_out"]] for row in closes}
    parts = ("price", "pay", "margin", "pot", "paid_out")
    return [
        ChainBreak(row["number"], "totals") for row in journal if said[row["number"]] != [row[part] for part in parts]
    ]
