"""Papers of an asset: kept once, taken away, refused where there is no such asset."""

from pathlib import Path

import pytest
from tests.assets.conftest import Firm

from wherewithal.assets import queries, services
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def papers(firm: Firm, asset_id: int) -> list[tuple[str, str, int]]:
    with db.company_transaction(company_id=firm.company_id):
        found = queries.attachments(firm.company_id, asset_id)
    return [(row["file_name"], row["title"], row["size_bytes"]) for row in found]


def attach(firm: Firm, asset_id: int, folder: Path, *, title: str = "") -> int:
    return services.attach_file(
        company_id=firm.company_id,
        actor_id=None,
        asset_id=asset_id,
        folder=folder,
        name="bill.pdf",
        content=PAPER,
        title=title,
    )


def test_a_paper_is_kept_once_and_taken_away(firm: Firm, tmp_path: Path) -> None:
    machine = firm.buy("100.00", "2026-01-01")
    first = attach(firm, machine, tmp_path, title="The bill")
    assert attach(firm, machine, tmp_path) == first
    assert papers(firm, machine) == [("bill.pdf", "The bill", len(PAPER))]
    services.remove_attachment(company_id=firm.company_id, actor_id=None, attachment_id=first)
    assert papers(firm, machine) == []
    with pytest.raises(NotFound):
        services.remove_attachment(company_id=firm.company_id, actor_id=None, attachment_id=first)


def test_a_paper_without_a_title_is_called_by_its_name(firm: Firm, tmp_path: Path) -> None:
    machine = firm.buy("100.00", "2026-01-01")
    attach(firm, machine, tmp_path)
    assert papers(firm, machine) == [("bill.pdf", "bill.pdf", len(PAPER))]


def test_there_is_no_paper_of_an_asset_that_is_not_there(firm: Firm, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        attach(firm, 2**31 - 1, tmp_path)
    assert list(tmp_path.iterdir()) == []
