"""A pack is data that is checked when it is loaded: a company's own needs no code, a wrong one names the field."""

import contextlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests.core.depreciation.nonsense import variants

from wherewithal.core.calc.pack_cases import calc_pack
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import built_in, load_pack, pack_codes
from wherewithal.core.depreciation.resolve import resolve, tax_years
from wherewithal.core.depreciation.terms import Method


def _own() -> dict[str, Any]:
    """A pack of a country that nobody has heard of."""
    return {
        "pack": "utopia",
        "title": "Utopia",
        "currency_decimals": 0,
        "rounding": "down",
        "tax_year_starts": "07-01",
        "sources": {"law": {"title": "Law of Utopia, article 7", "retrieved": "2026-11-22"}},
        "facts": {
            "life_years": {"type": "number", "title": "Life"},
            "thrifty": {"type": "boolean", "default": False, "title": "Whether the thrifty rule is chosen"},
        },
        "tables": {"by_age": [{"from": 0, "value": 0.5}, {"from": 10, "value": 0.25}]},
        "classes": {
            "thing": {
                "title": "Things",
                "defaults": {"life_years": 4},
                "treatments": ["thrifty", "new", "old"],
                "allowances": ["quick"],
            },
            "heap": {"title": "Heaps", "treatments": ["heap"]},
        },
        "treatments": {
            "thrifty": {
                "kind": "terms",
                "title": "Thrifty",
                "source": "law",
                "when": {"thrifty": True},
                "method": "declining",
                "rate": {"band": "by_age", "by": "life_years"},
                "convention": "full_year",
            },
            "new": {
                "kind": "terms",
                "title": "Since 2020",
                "source": "law",
                "when": {"acquired_on": ["2020-01-01", None]},
                "method": "straight_line",
                "life_years": {"fact": "life_years"},
                "convention": "full_year",
            },
            "old": {
                "kind": "level_parts",
                "title": "Until 2019",
                "source": "law",
                "when": {"acquired_on": [None, "2019-12-31"]},
                "life_years": 2,
            },
            "heap": {"kind": "pool", "title": "Heap", "source": "law", "pool": "heap"},
        },
        "allowances": {
            "quick": {
                "kind": "rate",
                "title": "Quick start",
                "source": "law",
                "steps": [{"when": {"cost": {"above": 1000}}, "rate": 0.1}],
            }
        },
        "pools": {"heap": {"kind": "declining_class", "title": "Heap", "source": "law", "rate": 0.5}},
        "tests": [{"name": "one", "case": {"pack": "utopia", "class": "heap"}, "expect": {}}],
    }


def test_a_pack_of_ones_own_works_without_code() -> None:
    pack = load_pack(json.dumps(_own()))
    day = date(2021, 3, 1)
    found = resolve(pack, "thing", acquired_on=day, in_service_on=day, cost=2_000)
    assert [(each.code, each.amount) for each in found.allowances] == [("quick", 200)]
    assert found.terms is not None
    assert found.terms.method is Method.STRAIGHT_LINE
    years = tax_years(found)
    assert [year.amount for year in years] == [450] * 4
    assert (years[0].starts_on, years[0].ends_on) == (date(2021, 3, 1), date(2021, 6, 30))
    assert [each.source for each in found.because] == ["Law of Utopia, article 7"] * 2
    old = resolve(pack, "thing", acquired_on=date(2019, 12, 31), in_service_on=day, cost=1_000)
    assert [year.amount for year in tax_years(old)] == [500, 500]
    thrifty = resolve(
        pack,
        "thing",
        acquired_on=day,
        in_service_on=day,
        cost=1_000,
        elections={"thrifty": True, "life_years": 12},
    )
    assert thrifty.terms is not None
    assert thrifty.terms.rate is not None
    assert thrifty.terms.rate * 4 == 1


def test_a_whole_pack_can_be_put_into_a_case() -> None:
    found = calc_pack({"pack": _own(), "pool": "heap", "opening": 100, "additions": 11})
    assert (found["pack"], found["allowance"]) == ("utopia", 55)


def test_what_is_in_a_pack_can_be_asked() -> None:
    found = calc_pack({"pack": "uk"})
    assert {"main", "special"} <= set(found["pools"])
    assert {"aia", "full-expensing"} <= set(found["first_year_claims"])
    assert "structure" in found["classes"]


def test_every_built_in_pack_says_where_each_rule_comes_from() -> None:
    assert len(pack_codes()) == 11
    for code in pack_codes():
        pack = built_in(code)
        used = {rule.source for rules in pack.rules.values() for rule in rules.values()}
        assert used <= set(pack.sources)
        for source in pack.sources.values():
            assert date.fromisoformat(source.retrieved)
            assert source.how in ("read", "recalled")
        for asset_class in pack.classes.values():
            assert asset_class.treatments, f"{code} {asset_class.code}"


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(pack: dict[str, Any]) -> None:
        for step in path[:-1]:
            pack = pack[step]
        pack[path[-1]] = value

    return change


BROKEN: list[tuple[Callable[[dict[str, Any]], None], str, str]] = [
    (_set("colour", value="red"), "colour", "known"),
    (_set("title", value=""), "title", "text"),
    (_set("currency_decimals", value="2"), "currency_decimals", "whole"),
    (_set("rounding", value="sideways"), "rounding", "choice"),
    (_set("tax_year_starts", value="13-01"), "tax_year_starts", "day"),
    (_set("sources", "law", "retrieved", value=None), "sources.law.retrieved", "text"),
    (_set("sources", "law", "how", value="dreamt"), "sources.law.how", "choice"),
    (_set("facts", "cost", value={"type": "number", "title": "x"}), "facts.cost", "unused"),
    (_set("facts", "life_years", "type", value="years"), "facts.life_years.type", "choice"),
    (_set("facts", "thrifty", "default", value="yes"), "thrifty", "boolean"),
    (_set("classes", "thing", "treatments", value=["none"]), "classes.thing.treatments", "known"),
    (_set("classes", "thing", "defaults", value={"size": 1}), "classes.thing.defaults.size", "known"),
    (_set("treatments", "new", "kind", value="magic"), "treatments.new.kind", "kind"),
    (_set("treatments", "new", "source", value="hearsay"), "treatments.new.source", "known"),
    (_set("treatments", "new", "method", value="guess"), "treatments.new.method", "choice"),
    (_set("treatments", "new", "lief", value=1), "treatments.new.lief", "known"),
    (_set("treatments", "new", "life_years", value={"fact": "age"}), "treatments.new.life_years", "known"),
    (
        _set("treatments", "new", "life_years", value={"sum": [1, 2]}),
        "treatments.new.life_years",
        "expression",
    ),
    (_set("treatments", "new", "life_years", value={"min": [1]}), "treatments.new.life_years", "pair"),
    (_set("treatments", "new", "life_years", value=True), "treatments.new.life_years", "number"),
    (
        _set("treatments", "thrifty", "rate", value={"table": "by_age", "by": "life_years"}),
        "treatments.thrifty.rate",
        "table",
    ),
    (_set("treatments", "new", "when", value={"size": 1}), "treatments.new.when.size", "known"),
    (
        _set("treatments", "new", "when", value={"cost": {"near": 1}}),
        "treatments.new.when.cost",
        "condition",
    ),
    (
        _set("treatments", "new", "when", value={"cost": [1, 2, 3]}),
        "treatments.new.when.cost",
        "condition",
    ),
    (
        _set("allowances", "quick", "steps", value=[{"rate": 1}]),
        "allowances.quick.steps.0.when",
        "required",
    ),
    (_set("pools", "heap", "rate", value=None), "pools.heap.rate", "number"),
    (_set("tests", value=[{"name": "x"}]), "tests[0].case", "object"),
]


@pytest.mark.parametrize(
    ("change", "field", "rule"), BROKEN, ids=[f"{field} {rule}" for _, field, rule in BROKEN]
)
def test_a_broken_pack_is_refused_by_field_and_rule(
    change: Callable[[dict[str, Any]], None], field: str, rule: str
) -> None:
    pack = _own()
    change(pack)
    with pytest.raises(PackError) as refused:
        load_pack(pack)
    assert (refused.value.pack, refused.value.field, refused.value.rule) == ("utopia", field, rule)


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"pack": 5}'])
def test_a_text_that_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(PackError):
        load_pack(text)


def test_questions_that_a_pack_cannot_answer_are_refused() -> None:
    pack = load_pack(_own())
    day = date(2021, 3, 1)

    def ask(code: str = "thing", cost: int = 5, before: date = day, **elections: Any) -> None:
        resolve(pack, code, acquired_on=before, in_service_on=day, cost=cost, elections=elections)

    for arguments, field in (
        ({"code": "idea"}, "class"),
        ({"cost": -1}, "cost"),
        ({"before": date(2021, 3, 2)}, "in_service_on"),
        ({"size": 4}, "size"),
        ({"thrifty": "yes"}, "thrifty"),
        ({"life_years": "four"}, "life_years"),
        ({"life_years": 0}, "treatments.new.life_months"),
    ):
        with pytest.raises(PackError) as refused:
            ask(**arguments)
        assert refused.value.field == field


def test_what_a_class_fixes_cannot_be_elected_away() -> None:
    day = date(2024, 1, 1)
    with pytest.raises(PackError) as refused:
        resolve(
            built_in("us"),
            "5-year",
            acquired_on=day,
            in_service_on=day,
            cost=100,
            elections={"recovery_years": 3},
        )
    assert (refused.value.field, refused.value.rule) == ("recovery_years", "fixed")


def test_nothing_but_a_refusal_comes_of_a_nonsensical_pack() -> None:
    for changed in variants(_own()):
        with contextlib.suppress(PackError):
            load_pack(changed)
