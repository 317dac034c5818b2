"""Orders from draft to done, their tariffs, and the money a completion moves."""
