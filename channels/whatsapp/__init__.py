"""The WhatsApp door: webhook routes and what providers have in common; one package per provider."""
