"""Reads a migration's SQL files."""

from pathlib import Path


def statements(migration: str) -> list[str]:
    """The SQL files of a migration in order of their names, each run as one script."""
    folder = Path(__file__).parent / "sql" / migration
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
