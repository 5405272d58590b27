"""Fixed assets by their pages: from the register to the run, with previews equal to what is posted."""

import io
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from pypdf import PdfReader
from tests.reporting.test_pdf import lines
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.fields import FIELDS, Type
from wherewithal.kit import db, jobs
from wherewithal.web.asset_names import EVENT_KINDS, FORMED, LABELS, WORDS
from wherewithal.web.forms.exact import ExactField, FlowsField


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return new_depot(shop)


NEW = {
    "name": "Lathe CTX 310",
    "class_code": "MACH",
    "acquired_on": "2026-01-01",
    "cost": "120,000.00",
    "in_service_on": "2026-01-01",
    "idempotency_key": "one",
}


def preview(client: object, url: str, data: dict[str, str]) -> str:
    response: HttpResponse = client.post(  # type: ignore[attr-defined]  # Django's test client
        url, data | {"preview": "1"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    return text_of(response)


def test_the_way_of_an_asset_from_the_form_to_the_run(depot: Depot):
    client = depot.shop.client("asset_accountant")
    look = preview(client, depot.url("new"), NEW)
    assert look.count("120,000.00") == 4  # debit and credit in two books
    assert depot.assets() == []
    response = client.post(depot.url("new"), NEW)
    assert response.status_code == 302
    (row,) = depot.assets()
    assert (row.tag, row.cost, row.carrying) == ("MA-00001", 12_000_000, 12_000_000)
    page = text_of(client.get(response.headers["Location"]))
    assert "Lathe CTX 310" in page
    assert "Straight line, 10 years, full month" in page
    assert "Straight line, 8 years, full month" in page  # the tax book's own
    seen = text_of(client.post(depot.url("runs"), {"through_on": "2026-03-31", "look": "1"}))
    assert "3,000.00" in seen  # 120,000 / 120 months x 3
    assert depot.carrying(row.asset_id) == 12_000_000
    posted = client.post(depot.url("runs"), {"through_on": "2026-03-31", "post": "1"})
    assert posted.status_code == 302
    assert depot.carrying(row.asset_id) == 11_700_000
    assert depot.carrying(row.asset_id, "tax") == 12_000_000  # a run is of one book
    run_page = text_of(client.get(posted.headers["Location"]))
    assert "3,000.00" in run_page
    assert "Take back" in run_page
    charged = client.get(f"{posted.headers['Location']}?export=csv&of=charged").content.decode("utf-8-sig")
    behind = depot.url("runs?book=tax&amp;through_on=2026-03-31")
    assert behind in run_page  # the tax book is not charged as far: one step leads there
    assert 'value="2026-03-31"' in text_of(client.get(behind.replace("&amp;", "&")))
    assert charged.splitlines()[1:] == [
        "MACH Machinery,Depreciation or amortisation due for a period.,1,3000.00"
    ]
    register = client.get(f"{depot.url()}?export=pdf").content
    (sheet,) = PdfReader(io.BytesIO(register)).pages
    assert {"Total", "117,000.00"} <= set(lines(sheet))
    assert client.post(posted.headers["Location"]).status_code == 302
    assert depot.carrying(row.asset_id) == 12_000_000


def test_an_event_previews_what_it_then_posts(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-03-31")
    client = depot.shop.client("controller")
    url = depot.url(f"{asset_id}/record/disposal")
    data = {"effective_on": "2026-04-30", "how": "sale", "proceeds": "11,000.00", "idempotency_key": "k"}
    look = preview(client, url, data)
    # Ten years: 100.00 a month; four months until the sale, 11,600.00 carried, a loss of 600.00.
    assert "600.00" in look
    assert "300.00" in look  # April's 100.00 is charged, 400.00 leave, in one entry
    assert depot.carrying(asset_id) == 1_170_000
    before = depot.shop.count("ledger_entry")
    assert client.post(url, data).status_code == 302
    assert depot.shop.count("ledger_entry") > before
    assert depot.carrying(asset_id) == 0
    assert "Disposed of" in text_of(client.get(depot.url(str(asset_id))))


def test_what_one_standard_asks_for_is_proposed_for_the_book_shown(depot: Depot):
    """A tax book knows no revaluation; a disposal is one in every book."""
    client, asset_id = depot.shop.client("asset_accountant"), depot.buy("12000.00")
    for path, chosen in (("revaluation", "main"), ("revaluation?book=tax", "tax"), ("disposal", "")):
        form = text_of(client.get(depot.url(f"{asset_id}/record/{path}")))
        choice = re.search(r'<select name="book".*?<option value="([^"]*)" selected', form, re.DOTALL)
        assert (choice[1] if choice else "") == chosen, path

    def offered(kind: str) -> list[str]:
        form = text_of(client.get(depot.url(f"{asset_id}/record/{kind}")))
        return re.findall(r'<option value="(\d+)"', form.split('name="of_event"')[1].split("</select>")[0])

    # What can be corrected is the coming into service, and after that its correction; nothing was disposed of.
    with db.company_transaction(company_id=depot.shop.company_id):
        ((served,),) = db.fetch_all("SELECT event_id FROM assets_event WHERE kind = 'in_service'")
    assert (offered("error_correction"), offered("reinstatement")) == ([str(served)], [])
    terms = {"method": "straight_line", "life_months": "60"}
    draft = EventDraft(
        "error_correction", date(2026, 1, 31), asset_id=asset_id, values={"terms": terms}, of_event_id=served
    )
    (correction,) = depot.record(draft).event_ids
    assert offered("error_correction") == [str(correction)]


def test_a_book_may_have_an_amount_of_its_own(depot: Depot):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("controller")
    url = depot.url(f"{asset_id}/record/cost_addition")
    data = {"effective_on": "2026-02-01", "amount": "1,000.00", "own_tax_amount": "700.00"}
    assert "700.00" in preview(client, url, data | {"idempotency_key": "k"})
    assert client.post(url, data | {"idempotency_key": "k"}).status_code == 302
    # January is charged on the way: 12,000 / 120 here, 12,000 / 96 there.
    assert depot.carrying(asset_id) == 1_200_000 + 100_000 - 10_000
    assert depot.carrying(asset_id, "tax") == 1_200_000 + 70_000 - 12_500


def test_an_event_is_taken_back_without_a_trace_in_the_balances(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-03-31")
    event_id = depot.event("impairment", asset_id, "2026-03-31", recoverable="9000.00")
    assert depot.carrying(asset_id) == 900_000
    client = depot.shop.client("controller")
    url = depot.url(f"{asset_id}/events/{event_id}/take-back")
    assert "2,700.00" in preview(client, url, {})
    missing = client.post(url, {"idempotency_key": "k"})
    assert missing.status_code == 422
    assert client.post(url, {"note": "Wrong asset", "idempotency_key": "k"}).status_code == 302
    assert depot.carrying(asset_id) == 1_170_000
    page = text_of(client.get(depot.url(str(asset_id))))
    assert "taken back" in page
    assert "Wrong asset" in page


def test_what_cannot_be_is_said_in_the_preview_and_beside_the_field(depot: Depot):
    asset_id = depot.buy("12000.00", "2026-03-01")
    client = depot.shop.client("controller")
    url = depot.url(f"{asset_id}/record/disposal")
    data = {"effective_on": "2026-01-15", "how": "sale", "proceeds": "1", "idempotency_key": "k"}
    assert "This cannot be recorded yet" in preview(client, url, data)
    before = depot.shop.count("assets_event")
    response = client.post(url, data)
    assert response.status_code == 422
    assert "field-error" in text_of(response)
    assert 'value="2026-01-15"' in text_of(response)
    assert depot.shop.count("assets_event") == before


def test_a_book_added_later_has_the_assets_there_are_and_hears_of_the_next(depot: Depot):
    assert depot.shop.client("asset_accountant").post(depot.url("new"), NEW).status_code == 302
    client = depot.shop.client("administrator")
    made = {"name": "Group", "code": "GROUP", "standard": "Own", "currency": "EUR", "cost_scope": "company"}
    assert client.post(depot.shop.url("company/books/new"), made).status_code == 302
    page = text_of(client.get(depot.shop.url("finance/balance-sheet?book=GROUP")))
    assert "120,000.00" in page
    assert preview(client, depot.url("new"), NEW | {"idempotency_key": "two"}).count("120,000.00") == 6


def test_a_form_that_is_not_filled_in_previews_nothing(depot: Depot):
    client = depot.shop.client("controller")
    assert "Fill in the form" in preview(client, depot.url("new"), {"name": "Lathe"})
    assert depot.shop.count("assets_asset") == 0


def test_every_kind_of_event_has_a_form_and_every_field_a_name():
    assert set(EVENT_KINDS) == FORMED
    for kind, specs in FIELDS.items():
        for name, spec in specs.items():
            assert name in LABELS or name == "terms", (kind, name)
            assert all(word in WORDS for word in spec.words), (kind, name)


@pytest.mark.parametrize("kind", sorted(FORMED))
def test_every_form_opens(depot: Depot, kind: str):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("administrator")
    response = client.get(depot.url(f"{asset_id}/record/{kind}"))
    assert response.status_code == 200
    for name, spec in FIELDS[kind].items():
        assert f'name="{name}"' in text_of(response) or spec.type == "terms", (kind, name)
    assert client.post(depot.url(f"{asset_id}/record/{kind}"), {}).status_code == 422
    assert "Fill in the form" in preview(client, depot.url(f"{asset_id}/record/{kind}"), {})


FILLED = {
    Type.MONEY: "100.00",
    Type.SIGNED_MONEY: "-100.00",
    Type.MONEYS: "100.00; 50.00",
    Type.FLOWS: "2026-04-01 100.00 x 24\n2030-01-01; 5,000.00",
    Type.DAY: "2028-03-31",
    Type.NUMBER: "1/4",
    Type.WHOLE: "1",
    Type.WHOLES: "1 1",
    Type.FLAG: "on",
    Type.TEXT: "Dana Demo",
}
TERMS = {"terms_method": "declining", "terms_life_months": "60", "terms_factor": "2"}
NONSENSE = [
    "x",
    "-1",
    "1e999999",
    "9" * 30,
    "0/0",
    "2026-99-99",
    "\0",
    "x 5/0",
    "🙂",
    "2026-01-01 5 x 9999/99",
]


def test_every_form_takes_what_its_fields_are_for_and_no_nonsense(depot: Depot):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("administrator")
    client.raise_request_exception = True
    for number, kind in enumerate(sorted(FORMED)):
        url = depot.url(f"{asset_id}/record/{kind}")
        data = filled(kind)
        assert client.post(url, data | {"preview": "1"}).status_code == 200, kind
        wrong = NONSENSE[number % len(NONSENSE)]
        nonsense = dict.fromkeys(data, wrong) | {"idempotency_key": "k", "of_event": wrong}
        assert client.post(url, nonsense).status_code == 422, (kind, wrong)
    assert depot.shop.count("assets_event") == 3  # registered, acquired, in service


def filled(kind: str) -> dict[str, str]:
    """A value of its type in every field of a kind."""
    data = {"effective_on": "2026-03-31", "idempotency_key": "k", **TERMS}
    for name, spec in FIELDS[kind].items():
        if spec.type == Type.WORD:
            data[name] = spec.words[0]
        elif spec.type == Type.ID:
            data[name] = {"location_id": "A-1", "custodian_party_id": "LINDAU"}.get(name, "")
        elif spec.type in FILLED:
            data[name] = FILLED[spec.type]
    return data


def test_regular_payments_are_written_once(depot: Depot):
    field = FlowsField()
    assert field.clean("2026-01-31 1,200.00 x 3") == [
        (date(2026, 1, 31), Decimal("1200.00")),
        (date(2026, 2, 28), Decimal("1200.00")),
        (date(2026, 3, 31), Decimal("1200.00")),
    ]
    assert field.clean("2026-01-01\t5 x 2/3\n2027-01-01;7") == [
        (date(2026, 1, 1), Decimal(5)),
        (date(2026, 4, 1), Decimal(5)),
        (date(2027, 1, 1), Decimal(7)),
    ]
    for wrong in ("2026-02-30 5", "2026-01-01", "soon 5", "2026-01-01 5 x", "2026-01-01 -5"):
        with pytest.raises(ValidationError):
            field.clean(wrong)


@pytest.mark.parametrize(
    ("given", "kept"), [("5 %", "0.05"), ("1/3", "1/3"), ("0.25", "0.25"), ("12", "12"), ("", None)]
)
def test_exact_numbers_stay_exact(given: str, kept: str | None):
    assert ExactField(required=False).clean(given) == kept


def test_the_register_shows_a_past_day(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-06-30")
    depot.event("transfer", asset_id, "2026-05-01", location_id=depot.shop.location_ids["A-2"])
    client = depot.shop.client("auditor")
    then = text_of(client.get(depot.url() + "?as_of=2026-03-31"))
    assert "11,700.00" in then
    assert "A-2" not in then
    now = text_of(client.get(depot.url()))
    assert "11,400.00" in now
    assert "A-2" in now


def test_the_register_narrows_and_adds_up_what_is_left(depot: Depot):
    depot.buy("12000.00", name="Lathe")
    depot.buy("900.00", name="Notebook", code="IT")
    client = depot.shop.client("auditor")
    seen = text_of(client.get(depot.url() + "?q=note"))
    assert "IT-00001" in seen
    assert "MA-00001" not in seen
    sums = client.get(depot.url() + "?q=note&sums=1", headers={"HX-Request": "true"})
    tiles = text_of(sums)
    assert "<table" not in tiles
    assert "900.00" in tiles
    assert "12,900.00" not in tiles
    assert "12,900.00" in text_of(client.get(depot.url() + "?sums=1"))  # also without scripts
    for sort, first in (("name", "MA-00001"), ("carrying", "IT-00001"), ("-carrying", "MA-00001")):
        page = text_of(client.get(depot.url() + f"?sort={sort}"))
        rows = page[page.index("<tbody") :]
        assert (rows.index("MA-00001") < rows.index("IT-00001")) is (first == "MA-00001"), sort


def test_the_register_as_a_file_is_the_list_that_is_shown(depot: Depot):
    depot.buy("12000.00", name="Lathe")
    depot.buy("900.00", name="Notebook", code="IT")
    response = depot.shop.client("auditor").get(depot.url() + "?q=note&export=csv")
    lines = response.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("IT-00001,Notebook,IT,In service")
    assert lines[1].endswith("900.00,0.00,900.00")


def test_those_who_may_not_see_money_see_none(depot: Depot):
    asset_id = depot.buy("12345.00")
    client = depot.shop.client("maintenance")
    for path in ("", str(asset_id), f"{asset_id}/record", f"{asset_id}/record/check_out"):
        response = client.get(depot.url(path))
        assert response.status_code == 200, path
        assert "12,345.00" not in text_of(response), path
    for path in (f"{asset_id}/schedule", f"{asset_id}/trail", "runs", "reports/roll-forward"):
        assert client.get(depot.url(path)).status_code == 403, path


def test_the_timeline_names_places_people_and_the_amounts_of_a_book(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.event("transfer", asset_id, "2026-02-01", location_id=depot.shop.location_ids["A-2"])
    client = depot.shop.client("controller")
    data = {"effective_on": "2026-02-02", "amount": "1,000.00", "own_tax_amount": "700.00"}
    client.post(depot.url(f"{asset_id}/record/cost_addition"), data | {"idempotency_key": "k"})
    seen = text_of(client.get(depot.url(str(asset_id))))
    words = re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", "", seen))
    assert "Location: A-2 Bin A 2" in words
    assert "Amount: 1,000.00\N{NO-BREAK SPACE}EUR" in words
    assert "Tax Amount: 700.00\N{NO-BREAK SPACE}EUR" in words
    carrier = text_of(depot.shop.client("maintenance").get(depot.url(str(asset_id))))
    assert "A-2 Bin A 2" in carrier
    assert "1,000.00" not in carrier


def test_each_job_takes_its_permission(depot: Depot):
    asset_id = depot.buy("12000.00")
    custody, auditor = depot.shop.client("maintenance"), depot.shop.client("auditor")
    before = depot.shop.count("assets_event")
    assert custody.get(depot.url(f"{asset_id}/record/disposal")).status_code == 403
    assert custody.get(depot.url("new")).status_code == 403
    assert auditor.get(depot.url(f"{asset_id}/record/transfer")).status_code == 403
    assert auditor.post(depot.url("runs"), {"through_on": "2026-03-31", "post": "1"}).status_code == 403
    assert auditor.get(depot.url("runs")).status_code == 200
    assert depot.shop.count("assets_event") == before


def test_an_asset_goes_out_and_comes_back(depot: Depot):
    asset_id = depot.buy("900.00", code="IT", name="Notebook")
    client = depot.shop.client("maintenance")
    data = {
        "effective_on": "2026-02-01",
        "custodian_party_id": "LINDAU",
        "expected_on": "2026-02-15",
        "idempotency_key": "out",
    }
    assert client.post(depot.url(f"{asset_id}/record/check_out"), data).status_code == 302
    seen = text_of(client.get(depot.url("custody")))
    assert "Waterworks Lindau" in seen
    assert "overdue" in seen
    back = {"effective_on": "2026-02-20", "location_id": "A-1", "idempotency_key": "in"}
    assert client.post(depot.url(f"{asset_id}/record/check_in"), back).status_code == 302
    assert "Waterworks Lindau" not in text_of(client.get(depot.url("custody")))


def test_an_asset_is_taken_over_part_way_in_each_book(depot: Depot):
    client = depot.shop.client("asset_accountant")
    data = NEW | {
        "acquired_on": "2026-01-01",
        "in_service_on": "2024-01-01",
        "accumulated_main": "24,000.00",
        "accumulated_tax": "30,000.00",
    }
    assert client.post(depot.url("new") + "?way=opening", data).status_code == 302
    (row,) = depot.assets()
    assert row.carrying == 9_600_000
    assert depot.carrying(row.asset_id, "tax") == 9_000_000


def test_a_plan_is_registered_without_an_entry(depot: Depot):
    client = depot.shop.client("asset_accountant")
    data = {"name": "Hall 4", "class_code": "AUC", "acquired_on": "2026-01-01", "idempotency_key": "p"}
    assert client.post(depot.url("new") + "?way=registered", data).status_code == 302
    (row,) = depot.assets()
    assert row.carrying == 0
    assert depot.shop.count("ledger_entry") == 0


def test_the_schedule_shows_what_is_posted_and_what_is_planned(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-03-31")
    client = depot.shop.client("auditor")
    months = text_of(client.get(depot.url(f"{asset_id}/schedule") + "?by=period"))
    assert "31 Dec 2035" in months
    assert months.count(">posted<") == 3
    assert months.count(">planned<") == 117
    years = text_of(client.get(depot.url(f"{asset_id}/schedule")))
    assert years.count(">partly posted<") == 1
    assert years.count(">planned<") == 9


def test_figures_are_explained(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-03-31")
    client = depot.shop.client("auditor")
    whole = text_of(client.get(depot.url(f"{asset_id}/why")))
    assert "11700.00" in whole.replace(",", "")
    charge = text_of(client.get(depot.url(f"{asset_id}/charge/2026-02-10/why")))
    assert "100.00" in charge
    assert client.get(depot.url(f"{asset_id}/charge/soon/why")).status_code == 404


def test_the_trail_leads_to_the_entries(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-01-31")
    client = depot.shop.client("auditor")
    seen = text_of(client.get(depot.url(f"{asset_id}/trail")))
    links = re.findall(r'href="(/c/[^"]+/finance/entries/\d+)"', seen)
    assert len(links) == 2
    entry = client.get(links[-1])
    assert entry.status_code == 200
    assert "MA-00001" in text_of(entry)


def test_every_figure_of_the_roll_forward_opens_what_it_is_made_of(depot: Depot):
    """Two lathes of 12,000 over ten years, from January; one is scrapped at the end of February."""
    depot.buy("12000.00", name="Lathe")
    gone = depot.buy("12000.00", name="Old lathe")
    depot.run("2026-03-31")
    depot.event("disposal", gone, "2026-02-28", how="scrap")
    client = depot.shop.client("auditor")
    page = client.get(depot.url("reports/roll-forward?from=2026-02-01&to=2026-03-31"))
    seen = {
        unescape(href): re.sub(r"<[^>]+>", "", text)
        for href, text in re.findall(
            r'<a class="fig" href="([^"]+/reports/movements[^"]+)">(.*?)</a>', text_of(page)
        )
    }
    assert len(seen) == 4  # opening, disposals, depreciation, closing: the columns that there are
    assert {"−11,800.00", "−300.00", "23,800.00", "11,700.00"} == set(seen.values())
    for href, figure in seen.items():
        behind = text_of(client.get(href))
        foot = behind[behind.index("<tfoot>") : behind.index("</tfoot>")]
        assert figure in re.sub(r"<[^>]+>", "", foot), href
    # Who looks back to a day is shown no later one, in the report as behind it.
    back = client.get(depot.url("reports/roll-forward?as_of=2026-01-31&from=2026-01-01&to=2026-03-31"))
    href = unescape(
        re.findall(r'href="([^"]+/reports/movements[^"]+movement=depreciation[^"]+)"', text_of(back))[0]
    )
    for page in (back, client.get(href)):
        assert re.search(r"<tfoot>.*−200\.00.*</tfoot>", text_of(page), re.DOTALL)
    charged = next(href for href, figure in seen.items() if figure == "−300.00")
    table = client.get(f"{charged}&export=csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in table[1:]] == ["MA-00001", "MA-00002"]
    assert [line.split(",")[-1] for line in table[1:]] == ["-200.00", "-100.00"]
    assert depot.shop.client("warehouse").get(charged).status_code == 403
    assert client.get(charged.replace(depot.shop.code, new_shop().code)).status_code == 404


@pytest.mark.parametrize(
    ("report", "figure"),
    [
        ("roll-forward", "11,700.00"),
        ("roll-forward-of-cost", "12,000.00"),
        ("additions", "12,000.00"),
        ("disposals", "−600.00"),
        ("fully-depreciated", "Every asset still has something"),
        ("tie-out", "Agrees"),
        ("comparison", "Deferred tax"),
    ],
)
def test_the_reports(depot: Depot, report: str, figure: str):
    depot.buy("12000.00")
    gone = depot.buy("12000.00", name="Old lathe")
    depot.run("2026-03-31")
    depot.event("disposal", gone, "2026-04-30", how="sale", proceeds="11000.00")
    client = depot.shop.client("auditor")
    address = depot.url(f"reports/{report}") + "?as_of=2026-04-30&from=2026-01-01&to=2026-04-30"
    seen = text_of(client.get(address))
    assert figure in seen
    assert client.get(f"{address}&export=xlsx").status_code == 200


def test_classes_come_from_the_template_and_change_their_terms(shop: Shop):
    client = shop.client("asset_accountant")
    assert "No classes yet" in text_of(client.get(shop.url("assets")))
    assert client.post(shop.url("assets/classes/install")).status_code == 302
    listed = text_of(client.get(shop.url("assets/classes")))
    assert "MACH" in listed
    class_id = re.findall(r"assets/classes/(\d+)", listed)[0]
    data = {"name": "Buildings", "book": "", "terms_method": "declining", "terms_rate": "25 %"}
    response = client.post(shop.url(f"assets/classes/{class_id}"), data)
    assert response.status_code == 302
    shown = text_of(client.get(shop.url(f"assets/classes/{class_id}")))
    assert "Declining balance, rate 0.25" in shown
    assert "location_id" not in shown  # fields have names
    wrong = client.post(shop.url(f"assets/classes/{class_id}"), data | {"terms_rate": "quick"})
    assert wrong.status_code == 422


def test_a_file_is_kept_and_given_back_as_a_download(depot: Depot):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("asset_accountant")
    upload = SimpleUploadedFile("manual.txt", b"Oil it once a week.", content_type="text/plain")
    response = client.post(depot.url(f"{asset_id}/files/new"), {"file": upload, "title": "Manual"})
    assert response.status_code == 302
    page = text_of(client.get(depot.url(str(asset_id))))
    address = re.findall(r'href="(/c/[^"]+/files/\d+)"', page)[0]
    found = client.get(address)
    assert found.content == b"Oil it once a week."
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert client.get(address + "9").status_code == 404


def test_the_last_day_of_the_month_is_proposed(depot: Depot):
    depot.buy("12000.00")
    depot.run("2026-01-31")
    seen = text_of(depot.shop.client("controller").get(depot.url("runs")))
    assert f'value="{date(2026, 2, 28)}"' in seen


@pytest.mark.django_db(transaction=True)
def test_a_long_run_is_a_job_that_ends_at_its_run(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch):
    depot = new_depot(committed_shop)
    asset_id = depot.buy("12000.00")
    monkeypatch.setattr("wherewithal.web.views.assets.runs.MOST_AT_ONCE", 0)
    client = committed_shop.client("asset_accountant")
    response = client.post(depot.url("runs"), {"through_on": "2026-03-31", "post": "1"})
    assert "Waiting for the worker" in text_of(client.get(response.headers["Location"]))
    jobs.drain()
    ended = client.get(response.headers["Location"])
    assert ended.status_code == 302
    assert "300.00" in text_of(client.get(ended.headers["Location"]))
    assert depot.carrying(asset_id) == 1_170_000
