"""The language in which somebody wants to read; '' is what the browser asks for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_companies_beyond")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.TextField(blank=True, default="", db_default=""),
        ),
    ]
