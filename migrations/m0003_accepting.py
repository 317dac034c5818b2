"""An event's account is checked once for all that come together; money for one answer and for one contact's day."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import RunSQL

from migrations._steps import statements


class Migration(BaseMigration):
    dependencies = [("guildhall", "m0002_whatsapp")]  # noqa: RUF012 - Tortoise declares it on the class
    operations = [RunSQL(statements("m0003"))]  # noqa: RUF012 - Tortoise declares it on the instance and reads it here
