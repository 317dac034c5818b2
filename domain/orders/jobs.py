"""Jobs of orders."""

TELL_CUSTOMER = "customers.tell"  # payload: order_id, transition, event_key; done by notifications
