"""Very many value rows are added up once before they are held against their entries."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0006_control")]

    operations = [sql_file("wherewithal.assets", "whole_entries.sql")]
