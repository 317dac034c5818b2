"""What the intake needs from outside."""

from typing import Protocol


class Detector(Protocol):
    """Tells languages apart."""

    async def language_of(self, text: str) -> str | None:
        """One of our languages, or None when the text does not tell; may be called from any thread."""
        ...
