"""What the day must show: each expectation is checked, named and counted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    """One expectation and whether it held."""

    name: str
    passed: bool
    detail: str


@dataclass
class Checks:
    """Collects checks; a failed one does not stop the day."""

    found: list[Check] = field(default_factory=list)

    def equal(self, name: str, found: object, expected: object) -> None:
        """Expect `found` to equal `expected`."""
        self.found.append(Check(name, found == expected, f"found {found!r}, expected {expected!r}"))

    def contains(self, name: str, text: str, *parts: str) -> None:
        """Expect every part to be in a text that a person reads."""
        missing = [part for part in parts if part not in _spaced(text)]
        self.found.append(Check(name, not missing, f"{missing} missing in {text[:600]!r}"))

    def lacks(self, name: str, text: str, *parts: str) -> None:
        """Expect none of the parts to be in a text."""
        shown = [part for part in parts if part in _spaced(text)]
        self.found.append(Check(name, not shown, f"{shown} shown in {text[:600]!r}"))

    @property
    def failed(self) -> list[Check]:
        """The expectations that did not hold."""
        return [check for check in self.found if not check.passed]

    @property
    def last_line(self) -> str:
        """The line that ends the sandbox."""
        passed_count = len(self.found) - len(self.failed)
        return f"sandbox: {passed_count} checks passed, {len(self.failed)} failed"


def _spaced(text: str) -> str:
    """Amounts are set with no-break spaces; people type and read plain ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
