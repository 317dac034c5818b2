"""Everything that leaves the house, written in the business transaction and delivered later."""
