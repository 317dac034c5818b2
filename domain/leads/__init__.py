"""Wishes on their way to becoming orders."""
