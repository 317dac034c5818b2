"""The business: one package per area; knows no SDK."""
