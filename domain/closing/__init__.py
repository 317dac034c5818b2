"""Closing the day: the live X, and the numbered, immutable Z."""
