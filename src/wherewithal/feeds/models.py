"""Saved mappings, imports with their progress, what was wrong in them, and what each has loaded."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ColumnMapping(models.Model):
    """How the columns of a kind of file become fields. Its name is the source under which documents are known."""

    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    name = models.TextField(db_collation="C")
    kind = models.TextField()
    definition = models.JSONField()
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "feeds_mapping"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "id"], name="feeds_mapping_company_key"),
            models.UniqueConstraint(fields=["company_id", "name"], name="feeds_mapping_name_key"),
            models.CheckConstraint(condition=~Q(name=""), name="feeds_mapping_name_given"),
        ]


class Import(models.Model):
    """One file on its way into the books. See services.py for the states."""

    id = models.BigAutoField(primary_key=True)
    company_id = models.IntegerField()
    kind = models.TextField()
    source = models.TextField(help_text="where document keys are unique: the mapping's name, or the kind")
    definition = models.JSONField(help_text="the mapping as it was")
    file_name = models.TextField()
    sha256 = models.TextField()
    size_bytes = models.BigIntegerField()
    mode = models.TextField()
    dry_run = models.BooleanField()
    idempotency_key = models.TextField(null=True, help_text="file, mapping and mode; null for dry runs")
    state = models.TextField(default="waiting", db_default="waiting")
    doing = models.TextField(
        default="", db_default="", help_text="what is being done, for the one who watches"
    )
    rows_total = models.IntegerField(default=0, db_default=0)
    rows_done = models.IntegerField(default=0, db_default=0)
    problem_count = models.IntegerField(default=0, db_default=0)
    report = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    actor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    alive_at = models.DateTimeField(null=True, help_text="when it last wrote a chunk")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "feeds_import"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "id"], name="feeds_import_company_key"),
            models.UniqueConstraint(fields=["company_id", "idempotency_key"], name="feeds_import_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "checking", "writing", "checked", "refused", "stopped", "done"]
                ),
                name="feeds_import_state_known",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["all_or_nothing", "skip_bad_rows"]), name="feeds_import_mode_known"
            ),
        ]
