"""A session outlives its connection: it numbers events, keeps the last thousand and replays them."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

import orjson

BACKLOG = 1000


class Line(Protocol):
    """A connection as a session sees it."""

    def send(self, text: bytes) -> None:
        """Queue one JSON text."""
        ...


def dispatch_text(name: str, data: bytes, sequence: int) -> bytes:
    """Return the JSON of one dispatch around an already serialised payload."""
    return b'{"op":0,"s":%d,"t":"%s","d":%s}' % (sequence, name.encode(), data)


class Session:
    """What Discord remembers of one identified shard."""

    def __init__(self, session_id: str, shard_id: int, shard_count: int, intents: int) -> None:
        self.id = session_id
        self.shard_id = shard_id
        self.shard_count = shard_count
        self.intents = intents
        self.sequence = 0
        self.line: Line | None = None
        self.lost = False
        self._backlog: deque[tuple[int, bytes]] = deque(maxlen=BACKLOG)

    def serves(self, guild_id: int | None) -> bool:
        """Tell whether a guild (or, for None, direct messages) belongs to this shard."""
        return (0 if guild_id is None else (guild_id >> 22) % self.shard_count) == self.shard_id

    def push(self, name: str, data: bytes) -> None:
        """Number an event, keep it for a resume and send it when somebody is connected."""
        self.sequence += 1
        text = dispatch_text(name, data, self.sequence)
        self._backlog.append((self.sequence, text))
        if self.line is not None:
            self.line.send(text)

    def push_json(self, name: str, payload: Any) -> None:
        """Serialise and push one event."""
        self.push(name, orjson.dumps(payload))

    def can_replay_from(self, sequence: int) -> bool:
        """Tell whether everything after `sequence` is still remembered."""
        oldest = self._backlog[0][0] if self._backlog else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay(self, sequence: int) -> None:
        """Send again, in order, every event after `sequence`."""
        assert self.line is not None
        for number, text in self._backlog:
            if number > sequence:
                self.line.send(text)
