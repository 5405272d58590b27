"""Entries, lines, seals, periods and maps, with the triggers that guard them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL((SQL / name).read_text(encoding="utf-8"))
        for name in ("tables.sql", "hash.sql", "guards.sql", "post.sql")
    ]
