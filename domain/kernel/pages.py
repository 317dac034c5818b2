"""Lists in pages, in a stable order."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list.

    Attributes:
        rows: The rows of this page, in the list's order.
        number: 1 for the first page.
        total_count: Rows over all pages.
        size: Rows a full page holds.
    """

    rows: tuple[Row, ...]
    number: int
    total_count: int
    size: int

    @property
    def page_count(self) -> int:
        """Pages in all; an empty list has one."""
        return max(1, -(-self.total_count // self.size))
