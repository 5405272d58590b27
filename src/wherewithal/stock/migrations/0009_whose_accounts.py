"""Who may move which accounts is asked in two halves, the second of which the room of assets extends."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0008_papers")]

    operations = [sql_file("wherewithal.stock", "whose_accounts.sql")]
