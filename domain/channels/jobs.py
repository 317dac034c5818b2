"""Jobs of channel accounts."""

SYNC_TEMPLATES = "templates.sync"  # clock
PURGE_INBOUND = "inbound.purge"  # clock
