"""Jobs of channel accounts."""

SYNC_TEMPLATES = "templates.sync"  # clock
PURGE_INBOUND = "inbound.purge"  # clock
FETCH_MEDIA = "media.fetch"  # payload: message_id; waits where its number is stopped
