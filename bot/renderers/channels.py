"""Where a notice goes."""

from bot.render import Drawing
from domain.tenancy.dto import Purpose


async def is_own_channel(drawing: Drawing, purpose: Purpose) -> bool:
    """Whether the message goes to the channel bound for it, and not to the log channel in its stead.

    Money and personal data stand in the former only.
    """
    channels = await drawing.services.tenancy.channels(drawing.actor)
    return channels.get(purpose) == drawing.message.channel_id
