"""Fixtures over a real PostgreSQL: one embedded server per test worker, one database per test."""

from tests.fixtures.database import clock, database_url, db, owner_url, postgres_url
from tests.fixtures.logs import logs_are_seen, no_error_records
from tests.fixtures.shop import shop

__all__ = ["clock", "database_url", "db", "logs_are_seen", "no_error_records", "owner_url", "postgres_url", "shop"]
