from decimal import Decimal

import pytest

from wherewithal.items import queries, services
from wherewithal.items.values import BarcodeDraft, CategoryDraft, ItemDraft, ItemUnitDraft, UnitDraft
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Refused


def rows(company: int, sql: str) -> list[tuple[object, ...]]:
    with db.company_transaction(company_id=company):
        return db.fetch_all(sql)


def create(company: int, *items: ItemDraft) -> list[int]:
    return services.create_items(company_id=company, actor_id=None, items=items)


def test_a_batch_is_written_with_units_barcodes_and_words(company: int) -> None:
    services.create_category(company_id=company, actor_id=None, code="screws", name="Screws")
    ids = create(
        company,
        ItemDraft(
            sku="SCR-4x40",
            name="Schraube Größe 4",
            kind="raw_material",
            category_code="screws",
            units=[ItemUnitDraft("box", 200), ItemUnitDraft("case", 2400)],
            barcodes=[
                BarcodeDraft("4006381333931"),
                BarcodeDraft("10614141543219", "case"),
                BarcodeDraft("S7"),
            ],
            weight_g=Decimal("3.25"),
        ),
        ItemDraft(
            sku="GLUE", name="Glue", base_unit_code="kg", qty_decimals=3, tracking="lot", shelf_life_days=365
        ),
    )
    assert rows(
        company, "SELECT sku, sku_key, kind, qty_decimals, tracking, weight_g FROM items_item ORDER BY id"
    ) == [
        ("SCR-4x40", "scr-4x40", "raw_material", 0, 0, Decimal("3.250000")),
        ("GLUE", "glue", "finished_good", 3, 1, None),
    ]
    with db.company_transaction(company_id=company):
        facts = queries.costing_items(company, ids)
    screw, glue = facts[ids[0]], facts[ids[1]]
    assert [(u.code, u.numerator, u.denominator) for u in screw.units] == [("box", 200, 1), ("case", 2400, 1)]
    assert (glue.unit_code, glue.shelf_life_days, glue.units) == ("kg", 365, ())
    assert rows(company, "SELECT code, match_code, symbology FROM items_barcode ORDER BY id") == [
        ("4006381333931", "04006381333931", "gtin"),
        ("10614141543219", "10614141543219", "gtin"),
        ("S7", "S7", "internal"),
    ]
    assert rows(company, "SELECT word FROM items_word ORDER BY word") == [
        (word,) for word in ("4", "4x40", "glue", "grosse", "schraube", "scr")
    ]


def test_the_category_path_runs_from_the_leaf_to_the_root(company: int) -> None:
    top, mid, leaf = services.create_categories(
        company_id=company,
        actor_id=None,
        categories=[CategoryDraft("a", "A"), CategoryDraft("b", "B", "a"), CategoryDraft("c", "C", "b")],
    )
    [item_id] = create(company, ItemDraft(sku="X", name="X", category_code="c"))
    with db.company_transaction(company_id=company):
        assert queries.costing_items(company, [item_id])[item_id].category_path == (leaf, mid, top)


@pytest.mark.parametrize(
    ("draft", "field", "rule"),
    [
        (ItemDraft(sku="", name="N"), "sku", "required"),
        (ItemDraft(sku=" A", name="N"), "sku", "blanks_around"),
        (ItemDraft(sku="A\0", name="N"), "sku", "printable"),
        (ItemDraft(sku="S" * 65, name="N"), "sku", "too_long"),
        (ItemDraft(sku="A", name="  "), "name", "required"),
        (ItemDraft(sku="A", name="N", kind="thing"), "kind", "choice"),
        (ItemDraft(sku="A", name="N", category_code="nope"), "category", "exists"),
        (ItemDraft(sku="A", name="N", base_unit_code="furlong"), "base_unit", "exists"),
        (ItemDraft(sku="A", name="N", qty_decimals=7), "qty_decimals", "range"),
        (ItemDraft(sku="A", name="N", tracking="serial", qty_decimals=2), "qty_decimals", "serial_whole"),
        (ItemDraft(sku="A", name="N", tracking="sometimes"), "tracking", "choice"),
        (ItemDraft(sku="A", name="N", shelf_life_days=0), "shelf_life_days", "range"),
        (ItemDraft(sku="A", name="N", weight_g=Decimal(-1)), "weight_g", "range"),
        (ItemDraft(sku="A", name="N", volume_ml=Decimal("NaN")), "volume_ml", "range"),
        (ItemDraft(sku="A", name="N", units=[ItemUnitDraft("pcs", 2)]), "units", "unit_once"),
        (ItemDraft(sku="A", name="N", units=[ItemUnitDraft("case", 0)]), "units", "factor_range"),
        (ItemDraft(sku="A", name="N", units=[ItemUnitDraft("crate", 6)]), "units", "exists"),
        (
            ItemDraft(sku="A", name="N", barcodes=[BarcodeDraft("4006381333930")]),
            "barcode",
            "gtin_check_digit",
        ),
        (ItemDraft(sku="A", name="N", barcodes=[BarcodeDraft("S", "case")]), "barcode", "unit_known"),
        (ItemDraft(sku="A", name="N", attributes={"colour": "red"}), "attributes.colour", "attribute_known"),
    ],
)
def test_refused_and_nothing_written(company: int, draft: ItemDraft, field: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        create(company, ItemDraft(sku="GOOD", name="Good"), draft)
    assert [(p.row, p.field, p.rule) for p in refused.value.problems] == [(1, field, rule)]
    assert rows(company, "SELECT count(*) FROM items_item") == [(0,)]


def test_all_faults_of_all_rows_are_named(company: int) -> None:
    with pytest.raises(Refused) as refused:
        create(
            company,
            ItemDraft(sku="A", name="", kind="x"),
            ItemDraft(sku="B", name="B", barcodes=[BarcodeDraft("7")]),
            ItemDraft(sku="B", name="B", barcodes=[BarcodeDraft("7")]),
        )
    assert [(p.row, p.field, p.rule) for p in refused.value.problems] == [
        (0, "name", "required"),
        (0, "kind", "choice"),
        (2, "sku", "unique"),
        (2, "barcode", "unique"),
    ]


def test_a_sku_and_a_barcode_stand_for_one_item(company: int) -> None:
    create(company, ItemDraft(sku="A", name="A", barcodes=[BarcodeDraft("036000291452")]))
    with pytest.raises(Refused) as refused:
        create(company, ItemDraft(sku="A", name="A", barcodes=[BarcodeDraft("0036000291452")]))
    assert [problem.rule for problem in refused.value.problems] == ["unique", "unique"]


def test_companies_do_not_see_each_other(company: int) -> None:
    create(company, ItemDraft(sku="A", name="A"))
    assert rows(company + 1_000_000, "SELECT * FROM items_item") == []
    assert rows(company + 1_000_000, "SELECT * FROM items_word") == []


# --- changes ----------------------------------------------------------------------------------------------


def change(company: int, item_id: int, **changes: object) -> None:
    services.update_item(company_id=company, actor_id=7, item_id=item_id, changes=changes)


def test_an_update_is_found_by_its_new_words_and_kept_in_the_audit_trail(company: int) -> None:
    [item_id] = create(company, ItemDraft(sku="A", name="Old name"))
    change(company, item_id, name="New label", active=False)
    assert rows(company, "SELECT word FROM items_word ORDER BY 1") == [("a",), ("label",), ("new",)]
    trail = rows(
        company,
        "SELECT actor_id, old, new FROM kit_audit_change WHERE table_name = 'items_item' AND action = 'update'",
    )
    assert len(trail) == 1
    assert trail[0][0] == 7
    assert "Old name" in str(trail[0][1])
    assert "New label" in str(trail[0][2])


def test_refused_updates(company: int) -> None:
    first, second = create(company, ItemDraft(sku="A", name="A"), ItemDraft(sku="B", name="B"))
    with pytest.raises(Refused, match="already"):
        change(company, second, sku="A")
    with pytest.raises(Refused, match="cannot be changed"):
        change(company, second, id=5)
    with pytest.raises(NotFound):
        change(company, second + 1000, name="X")
    change(company, first, sku="A", name="Same sku")
    assert rows(company, "SELECT sku, name FROM items_item ORDER BY id") == [("A", "Same sku"), ("B", "B")]


def test_units_are_replaced_but_not_from_under_a_barcode(company: int) -> None:
    [item_id] = create(
        company,
        ItemDraft(
            sku="A",
            name="A",
            units=[ItemUnitDraft("case", 12)],
            barcodes=[BarcodeDraft("10614141543219", "case")],
        ),
    )
    with pytest.raises(Refused, match="remove the barcode first"):
        services.set_item_units(company_id=company, actor_id=None, item_id=item_id, units=[])
    units = [ItemUnitDraft("case", 10), ItemUnitDraft("pallet", 480)]
    services.set_item_units(company_id=company, actor_id=None, item_id=item_id, units=units)
    with db.company_transaction(company_id=company):
        found = [(u["code"], u["numerator"]) for u in queries.item_units(company, item_id)]
        assert found == [("case", 10), ("pallet", 480)]
        [barcode] = queries.barcodes(company, item_id)
        assert barcode["unit_code"] == "case"


def test_barcodes_come_and_go(company: int) -> None:
    [item_id] = create(company, ItemDraft(sku="A", name="A", units=[ItemUnitDraft("case", 12)]))
    first = services.add_barcode(
        company_id=company, actor_id=None, item_id=item_id, barcode=BarcodeDraft("SHELF-1", "case")
    )
    with pytest.raises(Refused, match="stands for an item already"):
        services.add_barcode(
            company_id=company, actor_id=None, item_id=item_id, barcode=BarcodeDraft("SHELF-1")
        )
    services.remove_barcode(company_id=company, actor_id=None, barcode_id=first)
    with pytest.raises(NotFound):
        services.remove_barcode(company_id=company, actor_id=None, barcode_id=first)


# --- categories, units, attributes ----------------------------------------------------------------------------

COLOUR = {"code": "colour", "label": "Colour", "type": "choice", "choices": ["red", "blue"], "required": True}
LENGTH = {"code": "length", "type": "number", "unit": "mm"}


def test_attributes_are_inherited_checked_and_kept_exactly(company: int) -> None:
    services.create_categories(
        company_id=company,
        actor_id=None,
        categories=[
            CategoryDraft("pens", "Pens", attributes=[COLOUR]),
            CategoryDraft(
                "ball", "Ball pens", "pens", attributes=[LENGTH, {"code": "since", "type": "date"}]
            ),
        ],
    )
    good = {"colour": "red", "length": "140.10", "since": "2020-02-29"}
    create(company, ItemDraft(sku="P", name="Pen", category_code="ball", attributes=good))
    assert rows(company, "SELECT attributes FROM items_item") == [(good,)]
    with pytest.raises(Refused) as refused:
        create(
            company,
            ItemDraft(
                sku="Q", name="Q", category_code="ball", attributes={"length": "long", "since": "29.2.20"}
            ),
            ItemDraft(sku="R", name="R", category_code="ball", attributes={"colour": "green"}),
        )
    assert [(p.row, p.field, p.rule) for p in refused.value.problems] == [
        (0, "attributes.length", "attribute_number"),
        (0, "attributes.since", "attribute_date"),
        (0, "attributes.colour", "attribute_required"),
        (1, "attributes.colour", "attribute_choice"),
    ]


def test_what_items_carry_stays_declared(company: int) -> None:
    category = services.create_category(
        company_id=company, actor_id=None, code="pens", name="Pens", attributes=[COLOUR, LENGTH]
    )
    create(company, ItemDraft(sku="P", name="Pen", category_code="pens", attributes={"colour": "red"}))
    with pytest.raises(Refused) as refused:
        services.update_category(company_id=company, actor_id=None, category_id=category, attributes=[])
    assert [problem.field for problem in refused.value.problems] == ["attributes.colour"]
    services.update_category(
        company_id=company, actor_id=None, category_id=category, name="Pens and pencils", attributes=[COLOUR]
    )
    with db.company_transaction(company_id=company):
        assert list(queries.attribute_specs_by_category(company)["pens"]) == ["colour"]


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (CategoryDraft("", "A"), "required"),
        (CategoryDraft("a", ""), "required"),
        (CategoryDraft("top", "A"), "unique"),
        (CategoryDraft("a", "A", "nowhere"), "exists"),
        (CategoryDraft("a", "A", attributes=[{"code": "x y", "type": "text"}]), "attribute_code"),
        (CategoryDraft("a", "A", attributes=[{"code": "x", "type": "float"}]), "attribute_type"),
        (CategoryDraft("a", "A", attributes=[{"code": "x", "type": "choice"}]), "attribute_choices"),
        (CategoryDraft("a", "A", attributes=[{"code": "x", "type": "text"}] * 2), "attribute_once"),
        (
            CategoryDraft("a", "A", "top", attributes=[{"code": "colour", "type": "text"}]),
            "attribute_type_inherited",
        ),
    ],
)
def test_refused_categories(company: int, draft: CategoryDraft, rule: str) -> None:
    services.create_category(company_id=company, actor_id=None, code="top", name="Top", attributes=[COLOUR])
    with pytest.raises(Refused) as refused:
        services.create_categories(company_id=company, actor_id=None, categories=[draft])
    assert [problem.rule for problem in refused.value.problems] == [rule]
    assert rows(company, "SELECT count(*) FROM items_category WHERE code <> 'all'") == [(1,)]


def test_units_have_codes_of_their_own(company: int) -> None:
    services.create_unit(company_id=company, actor_id=None, code="crate", name="Crate of ours")
    with pytest.raises(Refused, match="already"):
        services.create_units(
            company_id=company, actor_id=None, units=[UnitDraft("x", "X"), UnitDraft("crate", "C")]
        )
    assert rows(company, "SELECT code FROM items_unit WHERE code IN ('x', 'crate')") == [("crate",)]
