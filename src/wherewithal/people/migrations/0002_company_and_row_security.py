"""Memberships and tokens belong to a company; users do not. Everyone sees the memberships that are their own."""

from django.db import migrations

from wherewithal.kit.rls import CURRENT_COMPANY, CURRENT_USER, protect, share, sql_file

NO_DELETE = "select, insert, update"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("kit", "0001_guards"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        sql_file("wherewithal.people", "guards.sql"),
        *share("people_user", NO_DELETE, audit=True, secret=["password"], skip=["last_login"]),
        *protect(
            "people_membership",
            audit=True,
            verbs=NO_DELETE,
            visible=f"company_id = {CURRENT_COMPANY} OR user_id = {CURRENT_USER}",
            writable=f"company_id = {CURRENT_COMPANY}",
        ),
        *protect(
            "people_token",
            audit=True,
            verbs=NO_DELETE,
            secret=["token_hash"],
            skip=["last_used_at"],
        ),
    ]
