import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(db_collation="C", unique=True)),
                ("name", models.TextField()),
                ("country", models.CharField(max_length=2)),
                ("currency", models.CharField(max_length=3)),
                ("timezone", models.TextField()),
                ("fiscal_year_start_month", models.IntegerField(db_default=1, default=1)),
                ("settings", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "ledger_company",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("fiscal_year_start_month__range", (1, 12))),
                        name="ledger_company_start_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="ledger_company_name_given"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(db_collation="C")),
                ("name", models.TextField()),
                ("standard", models.TextField()),
                ("currency", models.CharField(max_length=3)),
                ("currency_decimals", models.IntegerField()),
                ("is_primary", models.BooleanField(db_default=False, default=False)),
                ("cost_scope", models.TextField(db_default="company", default="company")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="ledger.company",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_book",
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="ledger_book_company_key"),
                    models.UniqueConstraint(fields=("company", "code"), name="ledger_book_code_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("company",),
                        name="ledger_book_one_primary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost_scope__in", ["company", "warehouse"])),
                        name="ledger_book_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency_decimals__range", (0, 4))), name="ledger_book_decimals"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(db_collation="C")),
                ("name", models.TextField()),
                ("classification", models.TextField()),
                ("is_contra", models.BooleanField(db_default=False, default=False)),
                ("active", models.BooleanField(db_default=True, default=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="ledger.company",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_account",
                "constraints": [
                    models.UniqueConstraint(fields=("company", "id"), name="ledger_account_company_key"),
                    models.UniqueConstraint(fields=("company", "code"), name="ledger_account_code_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "classification__in",
                                [
                                    "current_asset",
                                    "noncurrent_asset",
                                    "current_liability",
                                    "noncurrent_liability",
                                    "equity",
                                    "income",
                                    "expense",
                                ],
                            )
                        ),
                        name="ledger_account_classification",
                    ),
                ],
            },
        ),
    ]
