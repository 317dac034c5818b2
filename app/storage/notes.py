"""What the process remembers between two starts."""

from domain.kernel.db import Database

_SAVE = "INSERT INTO process_notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2"


class DatabaseNote:
    """One remembered value, shared by all processes on the database; the last writer wins."""

    def __init__(self, db: Database, name: str) -> None:
        self._db = db
        self._name = name

    async def load(self) -> str | None:
        """The value; None when there is none."""
        async with self._db.queue_tx() as tx:
            value: str | None = await tx.value("SELECT value FROM process_notes WHERE name = $1", self._name)
        return value

    async def save(self, payload_hash: str) -> None:
        """Remember a value."""
        async with self._db.queue_tx() as tx:
            await tx.run(_SAVE, self._name, payload_hash)
