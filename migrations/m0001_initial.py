"""The first schema: tenancy, audit, outbox, ledger, staff, orders, payroll, closing, jobs, access."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import RunSQL

from migrations._steps import statements


class Migration(BaseMigration):
    operations = [RunSQL(statements("m0001"))]  # noqa: RUF012 - Tortoise declares it on the instance and reads it here
