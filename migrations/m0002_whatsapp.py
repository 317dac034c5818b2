"""The second door: channel accounts, inbound events, contacts, conversations, leads, the agent."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import RunSQL

from migrations._steps import statements


class Migration(BaseMigration):
    dependencies = [("guildhall", "m0001_initial")]  # noqa: RUF012 - Tortoise declares it on the class
    operations = [RunSQL(statements("m0002"))]  # noqa: RUF012 - Tortoise declares it on the instance and reads it here
