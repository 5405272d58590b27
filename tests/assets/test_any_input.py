"""Whatever is handed to the door: it is recorded, or refused with a field and a rule."""

import contextlib
import datetime
import random
from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, check_whole, make_firm

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.fields import FIELDS, FieldSpec, Type
from wherewithal.assets.queries import proof
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused

ODD: list[Any] = [
    "",
    "x",
    -1,
    0,
    "1e99",
    "NaN",
    "1/0",
    True,
    [],
    {},
    None,
    10**20,
    "2026-02-30",
    ["x"],
    [[1, 2, 3]],
]


def value_of(spec: FieldSpec, luck: random.Random) -> Any:
    """A value that fits most of the time."""
    if luck.random() < 0.15:
        return luck.choice(ODD)
    money = f"{luck.randint(0, 2000)}.{luck.randint(0, 99):02}"
    on = str(datetime.date(2026, luck.randint(1, 12), luck.randint(1, 28)))
    terms = luck.choice(
        [
            STRAIGHT,
            {"method": "declining", "rate": "0.3"},
            {"method": "none"},
            {"pack": "us", "pack_class": luck.choice(["5-year", "land", "q"])},
            {"method": "sum_of_digits", "life_months": "37", "convention": "daily_actual"},
            {"method": "units", "total_units": "100"},
            {"pack": "uk", "pack_class": "plant"},
        ]
    )
    return {
        Type.MONEY: money,
        Type.SIGNED_MONEY: money,
        Type.MONEYS: [money],
        Type.FLOWS: [[on, money]],
        Type.DAY: on,
        Type.NUMBER: luck.choice(["0.05", "1/3", "1", "12"]),
        Type.WHOLE: luck.randint(1, 3),
        Type.WHOLES: [luck.randint(0, 2), 1],
        Type.FLAG: luck.random() < 0.5,
        Type.WORD: luck.choice(spec.words) if spec.words else "",
        Type.TEXT: "A. Body",
        Type.TERMS: terms,
        Type.ID: luck.randint(1, 5),
    }[spec.type]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_any_event_is_recorded_or_refused(seed: int) -> None:
    luck = random.Random(seed)
    firm = make_firm()
    firm.book("tax", currency="USD")
    firm.class_("ROU", kind="right_of_use", terms={"": {"method": "none"}})
    ids: list[int] = []
    for _ in range(4):
        with contextlib.suppress(Refused):
            draft = AssetDraft("Thing", luck.choice(["MACH", "AUC", "LAND", "ROU"]), qty=luck.randint(1, 9))
            bought = EventDraft(
                "acquisition",
                datetime.date(2026, 1, 3),
                asset_no=0,
                values={"cost": "1500.00"},
                rates={"USD": Decimal("1.1")},
            )
            ids.append(firm.record(bought, assets=[draft]).asset_ids[0])
    events: list[int] = []
    for _ in range(40):
        kind = luck.choice(sorted(FIELDS))
        values = {
            name: value_of(spec, luck)
            for name, spec in FIELDS[kind].items()
            if spec.required or luck.random() < 0.4
        }
        event = EventDraft(
            kind,
            datetime.date(2026, luck.randint(1, 12), luck.randint(1, 28)),
            asset_id=luck.choice(ids) if ids else 1,
            values=values,
            book=luck.choice([None, None, "main", "tax"]),
            of_event_id=luck.choice([*events, None, 1]),
            rates={"USD": Decimal("1.1"), "EUR": Decimal("0.9")},
        )
        with contextlib.suppress(Refused):
            events += firm.record(event).event_ids
        if luck.random() < 0.1:
            with contextlib.suppress(Refused):
                firm.run(str(datetime.date(2026, luck.randint(1, 12), 28)), luck.choice([None, "tax"]))
    firm.run("2026-12-31")
    check_whole(firm)
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []
