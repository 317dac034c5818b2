"""The WebSocket half of Discord: sessions, intents, compression, resuming."""
