"""Tenants, members, roles and permissions, channel bindings, settings."""
