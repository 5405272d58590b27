"""A document names a party of its company, or none."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0017_misfits_inline"), ("parties", "0002_row_security")]

    operations = [sql_file("wherewithal.stock", "document_party.sql")]
