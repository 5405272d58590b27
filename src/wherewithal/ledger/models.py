"""Companies, books and accounts: the masters that every posted figure hangs on.

They are renamed or retired, never deleted (sql/guards.sql). Entries, lines, periods and maps are written in bulk and
have no classes here: their columns are in sql/tables.sql.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wherewithal.ledger.values import Classification, CostScope


class Company(models.Model):
    """A legal entity. The currency is that of its primary book; days are days of its time zone."""

    id = models.AutoField(primary_key=True)
    code = models.TextField(unique=True, db_collation="C")
    name = models.TextField()
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    timezone = models.TextField()
    fiscal_year_start_month = models.IntegerField(default=1, db_default=1)
    settings = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_company"
        constraints = [
            models.CheckConstraint(
                condition=Q(fiscal_year_start_month__range=(1, 12)), name="ledger_company_start_month"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="ledger_company_name_given"),
        ]


class Book(models.Model):
    """One way of reading the company's facts: IFRS, tax, management."""

    id = models.AutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False, related_name="books")
    code = models.TextField(db_collation="C")
    name = models.TextField()
    standard = models.TextField()
    currency = models.CharField(max_length=3)
    currency_decimals = models.IntegerField()
    is_primary = models.BooleanField(default=False, db_default=False)
    cost_scope = models.TextField(default="company", db_default="company")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_book"
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ledger_book_company_key"),
            models.UniqueConstraint(fields=["company", "code"], name="ledger_book_code_key"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(is_primary=True), name="ledger_book_one_primary"
            ),
            models.CheckConstraint(
                condition=Q(cost_scope__in=[scope.value for scope in CostScope]), name="ledger_book_scope"
            ),
            models.CheckConstraint(condition=Q(currency_decimals__range=(0, 4)), name="ledger_book_decimals"),
        ]


class Account(models.Model):
    """A line of the chart of accounts, shared by all books of the company."""

    id = models.AutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False, related_name="accounts")
    code = models.TextField(db_collation="C")
    name = models.TextField()
    classification = models.TextField()
    is_contra = models.BooleanField(default=False, db_default=False)
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ledger_account_company_key"),
            models.UniqueConstraint(fields=["company", "code"], name="ledger_account_code_key"),
            models.CheckConstraint(
                condition=Q(classification__in=[word.value for word in Classification]),
                name="ledger_account_classification",
            ),
        ]
