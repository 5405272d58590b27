"""The database's own guards: still there, still switched on, and the application without a way round them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all
from wherewithal.reporting.checks.values import Check, Finding, Found, listed, query, together

# Tables that are never rewritten, whatever the database says today: the list is written down here on purpose.
APPEND_ONLY = (
    "assets_asset_book",
    "assets_batch",
    "assets_class_terms",
    "assets_event",
    "assets_event_rate",
    "assets_placement",
    "assets_run",
    "assets_terms",
    "assets_value",
    "kit_audit_change",
    "ledger_account_map",
    "ledger_entry",
    "ledger_entry_seal",
    "ledger_line",
    "ledger_period_event",
    "ledger_reversal",
    "reporting_verify_run",
    "stock_batch",
    "stock_cost_policy",
    "stock_document",
    "stock_document_rate",
    "stock_move",
    "stock_move_cost",
    "stock_nrv_estimate",
    "stock_standard_cost",
    "stock_value",
)
ROOMS_WITH_SQL = ("kit", "ledger", "people", "parties", "items", "stock", "assets", "reporting")
TRIGGER = re.compile(
    r"CREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s+(\w+)\s+(?:BEFORE|AFTER)\b.*?\bON\s+(\w+)",
    re.IGNORECASE | re.DOTALL,
)
FUNCTION = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(\w+)\s*\((?:[^$;]*?)\bAS\s+\$\$(.*?)\$\$",
    re.IGNORECASE | re.DOTALL,
)
COMMENT = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What the program's SQL files say the database should hold."""

    triggers: frozenset[tuple[str, str]]  # (table, trigger)
    functions: dict[str, str]  # name -> body; a later file replaces an earlier one


def shipped() -> Shipped:
    """Read the SQL files of all rooms."""
    triggers: set[tuple[str, str]] = set()
    functions: dict[str, str] = {}
    for text in _sql_texts():
        functions |= {match[1]: match[2] for match in FUNCTION.finditer(text)}
        outside = FUNCTION.sub("", COMMENT.sub("", text))
        triggers |= {(match[2], match[1]) for match in TRIGGER.finditer(outside)}
    return Shipped(frozenset(triggers), functions)


def _sql_texts() -> Iterator[str]:
    for room in ROOMS_WITH_SQL:
        folder: Traversable = files(f"wherewithal.{room}").joinpath("sql")
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
                if file.name.endswith(".sql"):
                    yield file.read_text(encoding="utf-8")


# --- checks -------------------------------------------------------------------------------------------------


def row_security(_company_id: int) -> Found:
    """Every table with a company shows only the current one, and the application can neither own nor bypass."""
    return together(
        query(
            """
            SELECT c.relname, c.relrowsecurity, count(p.*) AS policies,
                   bool_and(coalesce(pg_get_expr(p.polqual, p.polrelid), '') LIKE '%%app.company%%') AS by_company
            FROM pg_class c
            LEFT JOIN pg_policy p ON p.polrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
              AND (c.relname = 'ledger_company'
                   OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id'
                              AND NOT a.attisdropped))
            GROUP BY c.relname, c.relrowsecurity
            HAVING NOT c.relrowsecurity OR count(p.*) = 0
                OR NOT bool_and(coalesce(pg_get_expr(p.polqual, p.polrelid), '') LIKE '%%app.company%%')
            ORDER BY 1
            """,
            {},
            lambda table, enabled, policies, _by_company: Finding(
                say("a table that shows every company's rows"),
                f"table {table}",
                "row-level security by app.company",
                "a policy that does not ask for the company" if enabled and policies else "none",
            ),
        ),
        query(
            """
            SELECT c.relname FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace
              AND (c.relkind = 'm' OR c.relkind = 'v'
                   AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
                   AND NOT coalesce('security_invoker=on' = ANY (c.reloptions), false))
            ORDER BY 1
            """,
            {},
            lambda view: Finding(
                say("a view that reads past row-level security"),
                f"view {view}",
                "security_invoker = true",
                "not set",
            ),
        ),
        query(
            """
            SELECT r.rolname, r.rolsuper, r.rolbypassrls,
                   (SELECT min(c.relname) FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                      AND pg_has_role(r.oid, c.relowner, 'USAGE')) AS owns
            FROM pg_roles r
            WHERE r.rolname = session_user
              AND (r.rolsuper OR r.rolbypassrls OR EXISTS (
                       SELECT FROM pg_class c
                       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                         AND pg_has_role(r.oid, c.relowner, 'USAGE')))
            """,
            {},
            lambda role, superuser, bypasses, owns: Finding(
                say("the application connects with too much power"),
                f"role {role}",
                "a role that owns nothing and bypasses nothing",
                "a superuser" if superuser else "BYPASSRLS" if bypasses else f"the owner of {owns}",
            ),
        ),
    )


def append_only(_company_id: int) -> Found:
    """What is posted cannot be rewritten: the trigger is there and on, and the application lacks the right as well."""
    return together(
        query(
            """
            SELECT t.name, g.tgname, g.tgenabled
            FROM unnest(%(tables)s::text[]) AS t (name)
            LEFT JOIN pg_trigger g ON g.tgrelid = to_regclass(t.name) AND g.tgname = 'append_only'
            WHERE g.oid IS NULL OR g.tgenabled NOT IN ('O', 'A') OR g.tgtype & 58 <> 58
               OR g.tgfoid <> 'kit_refuse_change'::regproc
            ORDER BY 1
            """,
            {"tables": list(APPEND_ONLY)},
            lambda table, name, enabled: Finding(
                say("posted rows could be rewritten"),
                f"table {table}",
                "trigger append_only, enabled",
                "no such trigger" if name is None else "disabled" if enabled == "D" else "another trigger",
            ),
        ),
        query(
            """
            SELECT t.name, v.verb
            FROM unnest(%(tables)s::text[]) AS t (name)
            CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS v (verb)
            WHERE to_regclass(t.name) IS NOT NULL AND has_table_privilege(session_user, to_regclass(t.name), v.verb)
            ORDER BY 1, 2
            """,
            {"tables": list(APPEND_ONLY)},
            lambda table, verb: Finding(
                say("the application may rewrite posted rows"),
                f"table {table}",
                f"no right to {verb}",
                f"may {verb}",
            ),
        ),
    )


def guards(_company_id: int) -> Found:
    """Every trigger and function of the program's SQL files is in the database, unchanged and switched on."""
    expected = shipped()
    rows = fetch_all(
        """
        SELECT c.relname, g.tgname, g.tgenabled::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND c.relnamespace = 'public'::regnamespace
        """
    )
    present = {(table, name): enabled for table, name, enabled in rows}
    bodies: dict[str, str] = dict(
        fetch_all(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = ANY(%s)",
            (sorted(expected.functions),),
        )
    )
    findings = [
        Finding(say("a guard is missing"), f"trigger {name} on {table}", "present", "missing")
        for table, name in sorted(expected.triggers - present.keys())
    ]
    findings += [
        Finding(say("a guard is switched off"), f"trigger {name} on {table}", "enabled", "disabled")
        for (table, name), enabled in sorted(present.items())
        if enabled not in ("O", "A")
    ]
    findings += [
        Finding(
            say("a guard says something else than it should"),
            f"function {name}",
            "as in the program",
            "changed",
        )
        if name in bodies
        else Finding(say("a guard is missing"), f"function {name}", "present", "missing")
        for name, body in sorted(expected.functions.items())
        if bodies.get(name) != body
    ]
    return together(listed(findings), _strayed(), _constraints())


def _strayed() -> Found:
    """Guards that would look into a temporary table of the same name before the real one."""
    return query(
        """
        SELECT p.proname, array_to_string(p.proconfig, ', ') FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype
          AND p.proname !~ '^procrastinate_'
          AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search_path=%%pg_temp')
        ORDER BY 1
        """,
        {},
        lambda function, config: Finding(
            say("a guard that a temporary table can deceive"), f"function {function}",
            "SET search_path = ..., pg_temp", config or "not set",
        ),
    )  # fmt: skip


def _constraints() -> Found:
    """Constraints that were added without looking at the rows, and indexes that do not hold."""
    return query(
        """
        SELECT conrelid::regclass::text, conname::text, 'constraint' FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND NOT convalidated
        UNION ALL
        SELECT indrelid::regclass::text, indexrelid::regclass::text, 'index' FROM pg_index
        JOIN pg_class c ON c.oid = indrelid
        WHERE c.relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready)
        ORDER BY 1, 2
        """,
        {},
        lambda table, name, kind: Finding(
            say("a {kind} that is not in force", kind=kind), f"{name} on {table}", "valid", "not valid"
        ),
    )


CHECKS = (
    Check(
        say("row security"),
        say(
            "Nobody sees another company's rows: row-level security is on, and the application "
            "cannot get round it."
        ),
        row_security,
    ),
    Check(
        say("append only"),
        say("Facts and entries cannot be rewritten, by the application or anybody else."),
        append_only,
    ),
    Check(say("guards"), say("The database's guards are all there, unchanged and switched on."), guards),
)
