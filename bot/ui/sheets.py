"""Long lists as pages of text that fit into one message, and hashes short enough for a custom id."""

import base64
import binascii
import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.ui.ids import OutOfDate
from domain.kernel.pages import Page
from domain.payroll.export import neutral

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ROWS_A_PAGE = 15
"""What is still pleasant to scroll through on a phone."""
PAGE_LIMIT = 2600
"""Characters of one page of rows; the rest of Discord's 4000 is for titles, totals and effects."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list; `heading` is repeated when a page begins with it, None needs none."""

    text: str
    heading: str | None = None


def pages_of(rows: Iterable[Row], *, first_limit: int = PAGE_LIMIT, limit: int = PAGE_LIMIT) -> list[tuple[str, ...]]:
    """Cut a list into pages of at most `ROWS_A_PAGE` rows and `limit` characters; there is always one page.

    Every row stands on exactly one page, in the list's order.
    """
    pages: list[list[str]] = [[]]
    room = first_limit
    row_count = 0
    for row in rows:
        if row_count and (row_count == ROWS_A_PAGE or len(row.text) + 1 > room):
            pages.append([])
            room, row_count = limit, 0
            if row.heading is not None:
                pages[-1].append(row.heading)
                room -= len(row.heading) + 1
        pages[-1].append(row.text)
        room -= len(row.text) + 1
        row_count += 1
    return [tuple(page) for page in pages]


def page_at(pages: Sequence[tuple[str, ...]], number: int) -> Page[str]:
    """The wanted page, or the nearest there is; one of ours counts as one."""
    wanted = min(max(1, number), len(pages))
    return Page(pages[wanted - 1], wanted, len(pages), 1)


def pack_hash(hash_hex: str) -> str:
    """A sha256 in 43 characters instead of 64."""
    return base64.urlsafe_b64encode(bytes.fromhex(hash_hex)).decode().rstrip("=")


def unpack_hash(packed: str, area: str) -> str:
    """The hash in hex again.

    Args:
        packed: From a custom id.
        area: Whose current card is offered instead (`@fresh`).

    Raises:
        OutOfDate: It is none.
    """
    try:
        return base64.b64decode(packed + "=", altchars=b"-_", validate=True).hex()
    except (binascii.Error, ValueError) as exc:
        raise OutOfDate(area) from exc


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file for Excel: UTF-8 with BOM, RFC 4180; no cell is taken for a formula, amounts excepted as numbers."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell if _NUMBER.fullmatch(cell) else neutral(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
