"""The schema's history, kept by Tortoise's migration graph; every step is explicit SQL (docs/adr/0002)."""
