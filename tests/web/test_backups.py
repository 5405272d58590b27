"""The page of backups: made by a job, read through, taken away; only by who administers every company."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db, jobs
from wherewithal.people import queries as people
from wherewithal.people import services as people_services
from wherewithal.reporting import backups, tasks

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _administers_all(user_id: int, company_id: int) -> bool:
    with db.company_transaction(company_id=company_id, actor_id=user_id):
        return people.administers_every_company()


def test_one_is_noted_each_night_unless_none_is_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "fetch_as_owner", lambda _sql: [(shop.company_id,)])
    monkeypatch.setattr(settings, "BACKUPS_KEPT", 0)
    tasks.backup_all(timestamp=int(AT.timestamp()))
    assert shop.count("kit_job") == 0
    monkeypatch.setattr(settings, "BACKUPS_KEPT", 7)
    tasks.backup_all(timestamp=int(AT.timestamp()))
    with db.company_transaction(company_id=shop.company_id):
        [job] = jobs.list_jobs(company_id=shop.company_id)
    assert (job["kind"], job["arguments"], job["actor_id"]) == ("backup", {"at": AT.isoformat()}, None)


def test_one_company_of_many_opens_no_backup(shop: Shop):
    other = new_shop("Second Ltd")
    client = shop.client("administrator")
    assert shop.url("backups") not in text_of(client.get(shop.url("jobs")))  # nor is the way shown
    for path in ("backups", "backups/wherewithal-20260301T120000Z.tar"):
        response = client.get(shop.url(path))
        assert response.status_code == 403
        assert "administrator of all of them" in text_of(response)
    jobs_before = shop.count("kit_job")
    assert client.post(shop.url("backups")).status_code == 403
    assert shop.count("kit_job") == jobs_before
    assert "Administrator" in text_of(shop.client("controller").get(shop.url("backups")))

    # An administrator of every company there is, those of other tests included, is told so by the database.
    with psycopg.connect(settings.DATABASE.owner.conninfo()) as owner:
        there = {row[0] for row in owner.execute("SELECT id FROM ledger_company")}
    everywhere = there | {shop.company_id, other.company_id}
    for company_id in everywhere - {other.company_id, shop.company_id}:
        people_services.add_member(
            company_id=company_id, user_id=shop.admin_id, roles=["administrator"], actor_id=None
        )
    people_services.add_member(
        company_id=other.company_id, user_id=shop.admin_id, roles=["controller"], actor_id=None
    )
    assert not _administers_all(shop.admin_id, shop.company_id)
    people_services.set_roles(
        company_id=other.company_id, user_id=shop.admin_id, roles=["administrator"], actor_id=None
    )
    assert _administers_all(shop.admin_id, shop.company_id)
    assert not _administers_all(other.admin_id, other.company_id)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_backup_is_made_read_through_listed_and_taken_away(
    committed_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop = committed_shop
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "attachments")
    monkeypatch.setattr(settings, "BACKUPS_KEPT", 2)
    monkeypatch.setattr(people, "administers_every_company", lambda: True)
    client = shop.client("administrator")
    assert "No backup yet" in text_of(client.get(shop.url("backups")))

    old = backups.folder()
    old.mkdir()
    for name in ("wherewithal-20260101T000000Z.tar", "wherewithal-20260102T000000Z.tar"):
        (old / name).write_bytes(b"not a backup")
    assert client.post(shop.url("backups"), follow=True).status_code == 200
    assert "Under way" in text_of(client.get(shop.url("backups")))
    assert client.post(shop.url("backups")).status_code == 302, "one at a time: the second is the first"
    jobs.drain()

    first, second = backups.kept()
    assert first.sound, first.trouble
    assert first.chain_heads >= 0
    assert second.name == "wherewithal-20260102T000000Z.tar", "the oldest beyond two has gone"
    seen = text_of(client.get(shop.url("backups")))
    assert "Read through, whole" in seen
    assert "Not read through" in seen
    assert "wherewithal restore" in seen
    assert f'href="{shop.url("backups")}"' in text_of(client.get(shop.url("jobs")))

    taken = client.get(shop.url(f"backups/{first.name}"))
    assert len(b"".join(taken.streaming_content)) == first.bytes  # type: ignore[attr-defined]
    assert "attachment" in taken.headers["Content-Disposition"]
    for wrong in ("wherewithal-20300101T000000Z.tar", "secret_key", "..%2Fsecret_key"):
        assert client.get(shop.url(f"backups/{wrong}")).status_code == 404

    with (old / first.name).open("r+b") as file:
        file.seek(first.bytes // 2)
        file.write(b"\0\0\0\0")
    checked = backups.check(first.name, at=AT, tell=lambda _text: None)
    assert not checked.sound
    assert "changed" in checked.trouble or "complete" in checked.trouble


def test_settings_are_ones_own_the_companys_and_of_the_server_for_who_administers_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    other = new_shop("Third Ltd")
    own = text_of(shop.client("warehouse").get(shop.url("settings")))
    assert "Change password" in own
    assert shop.url("company") not in own
    assert "WHEREWITHAL_HOME" not in own
    one_of_many = text_of(shop.client("administrator").get(shop.url("settings")))
    assert shop.url("company/accounts") in one_of_many
    assert "WHEREWITHAL_HOME" not in one_of_many
    monkeypatch.setattr(people, "administers_every_company", lambda: True)
    response = shop.client("administrator").get(shop.url("settings"))
    assert str(settings.HOME) in text_of(response)
    assert [one.variable for one in response.context["server"]] == [
        "",
        "WHEREWITHAL_HOME",
        "DATABASE_URL",
        "WHEREWITHAL_LANGUAGES",
        "WHEREWITHAL_HOSTS",
        "WHEREWITHAL_HTTPS",
        "WHEREWITHAL_DEBUG",
        "WHEREWITHAL_BACKUPS_KEPT",
    ]
    assert settings.SECRET_KEY not in [one.value for one in response.context["server"]]
    assert other.client("administrator").get(shop.url("settings")).status_code == 404
