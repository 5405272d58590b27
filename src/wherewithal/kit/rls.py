"""What a migration says about its tables: who sees which rows, what may be written, what is kept for ever.

    operations = [
        sql_file("wherewithal.stock", "moves.sql"),
        *protect("stock_move", append_only=True),
        *protect("items_item", audit=True),
        *share("people_user", "select, insert, update", audit=True, secret=["password"]),
        *allow_sequence("stock_move_id"),
    ]

The application's role gets exactly the rights named here, at every start (`cluster.grant`); a table that no
migration mentions stays closed to it.
"""

from collections.abc import Sequence
from importlib.resources import files

from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

CURRENT_COMPANY = "nullif(current_setting('app.company', true), '')::int"
CURRENT_USER = "nullif(current_setting('app.user', true), '')::bigint"
EVERYTHING = "select, insert, update, delete"
APPEND = "select, insert"


def protect(
    table: str,
    *,
    append_only: bool = False,
    audit: bool = False,
    company_column: str = "company_id",
    verbs: str | None = None,
    visible: str | None = None,
    writable: str | None = None,
    secret: Sequence[str] = (),
    skip: Sequence[str] = (),
    key: Sequence[str] = ("id",),
) -> list[Operation]:
    """Row-level security by company for a table that exists.

    append_only: rows can be added and read, and nobody (not even the owner) changes, removes or truncates them.
    audit: each change is kept in kit_audit_change; `secret` columns are shown as ***, `skip` columns do not count,
        `key` names the columns that identify the row.
    verbs: what the application may do, where it is less than everything.
    visible, writable: SQL conditions in place of "the row's company is the current one".
    """
    own = f"{company_column} = {CURRENT_COMPANY}"
    visible = visible or own
    return [
        _call(
            "kit_protect",
            table,
            company_column,
            append_only,
            audit,
            verbs or (APPEND if append_only else EVERYTHING),
            visible,
            writable or (own if visible == own else visible),
            ",".join(secret),
            ",".join(skip),
            ",".join(key),
        )
    ]


def share(
    table: str,
    verbs: str = "select",
    *,
    audit: bool = False,
    secret: Sequence[str] = (),
    skip: Sequence[str] = (),
    key: Sequence[str] = ("id",),
) -> list[Operation]:
    """Open a table that has no company (people, sign-in) to the application, for these verbs."""
    operations = [_call("kit_share", table, verbs)]
    if audit:
        operations.append(_call("kit_audit", table, None, ",".join(secret), ",".join(skip), ",".join(key)))
    return operations


def allow_sequence(name: str) -> list[Operation]:
    """Let the application draw numbers from a sequence (identity columns need no such right)."""
    return [_call("kit_allow_sequence", name)]


def sql_file(package: str, name: str) -> Operation:
    """Run a whole file of the room's `sql` folder."""
    return RunSQL([files(package).joinpath("sql", name).read_text()])


def _call(function: str, *arguments: str | bool | None) -> Operation:
    return RunSQL([(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", list(arguments))])
