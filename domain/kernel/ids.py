"""Row ids: UUIDv7 made here, because PostgreSQL 15 has no `uuidv7()` (docs/adr/0001)."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new time-ordered id (RFC 9562, 5.7): 48 bits of milliseconds, 74 bits of randomness."""
    unix_ms = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = unix_ms << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)
