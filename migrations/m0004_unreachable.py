"""An identifier says whether anybody receives messages under it."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import RunSQL

from migrations._steps import statements


class Migration(BaseMigration):
    dependencies = [("guildhall", "m0003_accepting")]  # noqa: RUF012 - Tortoise declares it on the class
    operations = [RunSQL(statements("m0004"))]  # noqa: RUF012 - Tortoise declares it on the instance and reads it here
