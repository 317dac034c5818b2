-- Events are written in the order of their keys, and keep the order they came in: who writes them says their position.
GRANT INSERT (position) ON inbound_events TO guildhall_router;
GRANT USAGE ON SEQUENCE inbound_events_position_seq TO guildhall_router;
