"""Lots and serials: made in batches, dated from their shelf life, blocked and released without being moved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg

from wherewithal.core.words import say
from wherewithal.items import queries
from wherewithal.items.texts import code_problem, note_problem, text_problem
from wherewithal.items.values import ItemFacts, LotDraft, LotStatus, Tracking
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused, none_such

LOT_COLUMNS = (
    ("id", "bigint"),
    ("company_id", "int"),
    ("item_id", "int"),
    ("code", "text"),
    ("is_serial", "boolean"),
    ("status", "smallint"),
    ("manufactured_on", "date"),
    ("best_before_on", "date"),
    ("expires_on", "date"),
    ("removal_on", "date"),
    ("alert_on", "date"),
    ("supplier_lot", "text"),
    ("note", "text"),
)
CODE_TAKEN = "items_lot_code_key"  # the constraint by which an item has one lot of a code
ALERT_SHARE = 10  # the alert comes a tenth of the shelf life before expiry, at least a day


def create_lots(*, company_id: int, actor_id: int | None, lots: Sequence[LotDraft]) -> list[int]:
    """New lots or serials, all or none; their ids in the order given."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        items = queries.costing_items(company_id, {lot.item_id for lot in lots})
        dated = [with_dates(lot, items.get(lot.item_id)) for lot in lots]
        problems = _lot_problems(company_id, dated, items)
        if problems:
            raise Refused(problems)
        return _insert(company_id, dated, items)


def ensure_lots(*, company_id: int, lots: Sequence[LotDraft]) -> dict[tuple[int, str], int]:
    """Verb for receipts: the ids of these lots by (item_id, code); those not known yet are made on the way.

    `Widen` where somebody else made one of them meanwhile: started again, they are known.
    """
    db.require_transaction()
    drafts = {(lot.item_id, lot.code): lot for lot in lots}
    known = queries.lot_ids(company_id, [key for key in drafts if "\0" not in key[1]])
    missing = [lot for key, lot in drafts.items() if key not in known]
    if missing:
        items = queries.costing_items(company_id, {lot.item_id for lot in missing})
        dated = [with_dates(lot, items.get(lot.item_id)) for lot in missing]
        problems = [problem for row, lot in enumerate(dated) for problem in _own_problems(lot, row, items)]
        if problems:
            raise Refused(problems)
        try:
            ids = _insert(company_id, dated, items)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name != CODE_TAKEN:
                raise
            raise db.Widen("somebody else has just made one of these lots") from error
        known |= {(lot.item_id, lot.code): lot_id for lot, lot_id in zip(dated, ids, strict=True)}
    return known


def with_dates(lot: LotDraft, item: ItemFacts | None) -> LotDraft:
    """Dates that were not given: expiry = manufacture + shelf life; best before and removal = expiry; the alert a
    tenth of the shelf life (a week where there is none), at least one day, earlier."""
    expires_on = lot.expires_on
    shelf_life_days = item.shelf_life_days if item else None
    if expires_on is None and lot.manufactured_on is not None and shelf_life_days is not None:
        expires_on = lot.manufactured_on + timedelta(days=shelf_life_days)
    if expires_on is None:
        return lot
    ahead = timedelta(days=max(1, shelf_life_days // ALERT_SHARE) if shelf_life_days else 7)
    return replace(
        lot,
        expires_on=expires_on,
        best_before_on=lot.best_before_on or expires_on,
        removal_on=lot.removal_on or expires_on,
        alert_on=lot.alert_on or expires_on - ahead,
    )


def _insert(company_id: int, lots: Sequence[LotDraft], items: Mapping[int, ItemFacts]) -> list[int]:
    ids = db.reserve_ids("items_lot_id_seq", len(lots))
    rows = [
        (
            lot_id,
            company_id,
            lot.item_id,
            lot.code,
            items[lot.item_id].tracking == Tracking.SERIAL,
            int(lot.status),
            lot.manufactured_on,
            lot.best_before_on,
            lot.expires_on,
            lot.removal_on,
            lot.alert_on,
            lot.supplier_lot,
            lot.note,
        )
        for lot_id, lot in zip(ids, lots, strict=True)
    ]
    db.insert_rows("items_lot", LOT_COLUMNS, rows)
    return ids


def _lot_problems(company_id: int, lots: Sequence[LotDraft], items: Mapping[int, ItemFacts]) -> list[Problem]:
    problems: list[Problem] = []
    keys = [(lot.item_id, lot.code) for lot in lots if "\0" not in lot.code]
    seen = set(queries.lot_ids(company_id, keys))
    for row, lot in enumerate(lots):
        problems.extend(_own_problems(lot, row, items))
        if (lot.item_id, lot.code) in seen:
            message = say("The item has a lot or serial {lot_code} already.", lot_code=lot.code)
            problems.append(Problem("lot", "unique", message, row=row, value=lot.code))
        seen.add((lot.item_id, lot.code))
    return problems


def _own_problems(lot: LotDraft, row: int, items: Mapping[int, ItemFacts]) -> list[Problem]:
    found = [
        code_problem("lot", lot.code, row=row),
        text_problem("supplier_lot", lot.supplier_lot, 100, row=row, required=False),
        note_problem("note", lot.note, row=row),
        _item_problem(lot, row, items.get(lot.item_id)),
        _status_problem(lot.status, row),
        *_date_problems(lot, row),
    ]
    return [problem for problem in found if problem]


def _item_problem(lot: LotDraft, row: int, item: ItemFacts | None) -> Problem | None:
    if item is None:
        return Problem("item_id", "exists", say("There is no such item."), row=row, value=str(lot.item_id))
    if item.tracking == Tracking.BULK:
        message = say("{item_sku} is tracked in bulk: it has neither lots nor serials.", item_sku=item.sku)
        return Problem("lot", "item_tracked", message, row=row, value=lot.code)
    return None


def _status_problem(status: int, row: int | None) -> Problem | None:
    if status in list(LotStatus):
        return None
    names = ", ".join(f"{s.value} {s.name.lower()}" for s in LotStatus)
    return Problem(
        "status", "choice", say("The status is one of: {names}.", names=names), row=row, value=str(status)
    )


def _date_problems(lot: LotDraft, row: int) -> list[Problem]:
    if lot.expires_on is None:
        return []
    return [
        Problem(
            field,
            "dates_in_order",
            say(
                "{field} {day} lies after expires_on {expires_on}: it must be that day or before.",
                field=field,
                day=day,
                expires_on=lot.expires_on,
            ),
            row=row,
            value=str(day),
        )
        for field in ("manufactured_on", "best_before_on", "removal_on", "alert_on")
        if (day := getattr(lot, field)) is not None and day > lot.expires_on
    ]


def set_lot_status(*, company_id: int, actor_id: int | None, lot_ids: Sequence[int], status: int) -> int:
    """Block or release lots where they lie; how many changed. The audit trail keeps who, when, from and to."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        wanted = set(lot_ids)
        wrong = _status_problem(status, None)
        if wrong:
            raise Refused(wrong)
        missing = wanted - set(queries.lots_by_id(company_id, wanted))
        if missing:
            raise none_such("lot_ids", missing, say("There is no such lot or serial."))
        return db.execute(
            "UPDATE items_lot SET status = %s WHERE company_id = %s AND id = ANY(%s::bigint[]) AND status <> %s",
            (int(status), company_id, sorted(wanted), int(status)),
        )


LOT_CHANGEABLE = frozenset(
    {"manufactured_on", "best_before_on", "expires_on", "removal_on", "alert_on", "supplier_lot", "note"}
)


def update_lot(*, company_id: int, actor_id: int | None, lot_id: int, changes: Mapping[str, Any]) -> None:
    """Correct the dates and notes of one lot; its code and item stay, because moves name it."""
    unknown = sorted(set(changes) - LOT_CHANGEABLE)
    if unknown:
        raise Refused(
            Problem(
                unknown[0],
                "changeable",
                say("These cannot be changed: {unknown}.", unknown=", ".join(unknown)),
            )
        )
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        before = queries.get_lot(company_id, lot_id)
        if before is None:
            raise NotFound(
                Problem("lot_id", "exists", say("There is no such lot or serial."), value=str(lot_id))
            )
        kept = {field: before[field] for field in LOT_CHANGEABLE} | dict(changes)
        lot = LotDraft(item_id=before["item_id"], code=before["code"], status=before["status"], **kept)
        problems = _own_problems(lot, 0, queries.costing_items(company_id, [lot.item_id]))
        if problems:
            raise Refused(problems)
        columns = sorted(kept)
        assignments = ", ".join(f"{column} = %({column})s" for column in columns)
        db.execute(
            f"UPDATE items_lot SET {assignments} WHERE company_id = %(company)s AND id = %(lot)s",  # noqa: S608
            kept | {"company": company_id, "lot": lot_id},
        )
