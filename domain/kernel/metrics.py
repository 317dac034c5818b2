"""What the doors count; the process shows it (app/metrics.py), tests and tools may ignore it."""

from typing import Protocol


class Metrics(Protocol):
    """Counts what happens at a door."""

    def interaction(self, command: str, outcome: str, took_s: float) -> None:
        """One command, button or form was answered.

        Args:
            command: Its registered name, e.g. `order new` or `button:claim`; never what a person typed.
            outcome: `ok`, `refused` (a domain error), `failed` (a bug) or `late` (Discord would not wait).
            took_s: Seconds from its arrival to the end of its work.
        """
        ...


class NoMetrics:
    """Counts nothing."""

    def interaction(self, command: str, outcome: str, took_s: float) -> None:
        """Forget it."""
