"""Suppliers and customers: those with whom goods change hands."""

from django.db import models
from django.db.models import Q


class Party(models.Model):
    id = models.AutoField(primary_key=True)
    company_id = models.IntegerField()
    code = models.TextField(db_collation="C")
    name = models.TextField()
    name_key = models.TextField(db_collation="C", help_text="name without case and accents, for finding")
    is_supplier = models.BooleanField(default=False, db_default=False)
    is_customer = models.BooleanField(default=False, db_default=False)
    country = models.TextField(default="", db_default="", help_text="ISO 3166-1, two letters, or empty")
    tax_id = models.TextField(default="", db_default="", help_text="compact form, checked for the country")
    email = models.TextField(default="", db_default="")
    phone = models.TextField(default="", db_default="")
    address = models.TextField(default="", db_default="")
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "parties_party"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "id"], name="parties_party_company_key"),
            models.UniqueConstraint(fields=["company_id", "code"], name="parties_party_code_key"),
            models.CheckConstraint(condition=~Q(code=""), name="parties_party_code_given"),
            models.CheckConstraint(
                condition=Q(is_supplier=True) | Q(is_customer=True), name="parties_party_has_a_part"
            ),
        ]
        indexes = [models.Index(fields=["company_id", "name_key", "id"], name="parties_party_by_name")]
