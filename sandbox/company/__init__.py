"""A simulated company: people who act through Discord only, and what must come of it."""
