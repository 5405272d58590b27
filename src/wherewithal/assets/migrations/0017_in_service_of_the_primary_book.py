"""What another book alone says of the day of service is not what the register says."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0016_in_service")]

    operations = [sql_file("wherewithal.assets", "in_service_of_the_primary_book.sql")]
