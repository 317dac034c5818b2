"""What holds every request back while Discord limits the whole bot."""

import asyncio


class GlobalLimit(asyncio.Event):
    """discord.py's gate, set while requests may pass; it opens by itself at the latest after `longest_s` seconds.

    The request that meets the limit shuts the gate, waits, and opens it. One that is cancelled while it waits, as ours
    are when they take too long, left it shut for good: connected and healthy, the bot sent nothing any more.
    """

    def __init__(self, longest_s: float) -> None:
        super().__init__()
        self._longest_s = longest_s
        self.set()

    def clear(self) -> None:
        """Shut the gate."""
        super().clear()
        asyncio.get_running_loop().call_later(self._longest_s, self.set)
