"""People who write to the shop: one person, several identifiers."""
