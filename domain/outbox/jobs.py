"""The outbox's job."""

DELIVER_LANE = "outbox.deliver_lane"  # payload: lane
