"""Doors other than Discord."""
