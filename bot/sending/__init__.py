"""How the outbox's messages reach Discord: calls and their failures, places, threads and their names."""
