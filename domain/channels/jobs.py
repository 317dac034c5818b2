"""Jobs of channel accounts."""

TAKE_INBOUND = "inbound.take"  # payload: account_id, lanes
SYNC_TEMPLATES = "templates.sync"  # clock
PURGE_INBOUND = "inbound.purge"  # clock
