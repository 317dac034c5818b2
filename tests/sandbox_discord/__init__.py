"""Imports discord.py once, past the deprecation of the standard library's audioop."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord  # noqa: F401
