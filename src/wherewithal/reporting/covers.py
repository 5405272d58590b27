"""What a document says of itself: company, book, days, what was known, when it was made, the head of the chain."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from wherewithal.kit import files
from wherewithal.kit.instants import in_zone
from wherewithal.kit.words import shown, translated
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Company
from wherewithal.reporting.sheets import Cover, CoverLogo, Question, Sheet


def cover(
    question: Question,
    found: Sheet,
    *,
    now: datetime,
    more: Iterable[tuple[str, str]] = (),
    language: str = "en",
) -> Cover:
    """The cover of a sheet that answers a question. Read it inside one transaction of the company."""
    company = ledger.company(question.company_id)
    known_of_it = (("address", _("Address")), ("registration", _("Registration")))
    facts = [
        (label, ", ".join(str(company.settings[key]).splitlines()))
        for key, label in known_of_it
        if company.settings.get(key)
    ]
    words = []
    footer = [_("Made %(at)s") % {"at": in_zone(now.replace(microsecond=0), company.timezone)}]
    if found.of_book:
        book = ledger.book(question.company_id, question.book_id)
        facts.append((_("Book"), f"{book.code} · {book.name}" if book.name != book.code else book.code))
        words.append(book.code)
        head = next(iter(ledger.chain_heads(question.company_id, question.book_id)), None)
        if head is not None:
            said = {"number": f"{head.year}/{head.number}", "hash": head.chain_hash}
            footer.append(_("Head of the chain %(number)s: %(hash)s") % said)
    day = question.as_of or question.today
    if found.span is not None:
        first, last = found.span
        facts.append((_("Days"), _("%(first)s to %(last)s") % {"first": shown(first), "last": shown(last)}))
        words.append(f"{shown(first)} – {shown(last)}")
    elif found.dated:
        facts.append((_("As of"), _("the end of %(day)s") % {"day": shown(day)}))
        words.append(shown(day))
    known = _("all that is recorded by now")
    if question.known_at is not None:
        known = _("what was recorded by %(at)s") % {"at": in_zone(question.known_at, company.timezone)}
        words.append(known)
    if found.dated or found.span is not None:
        facts.append((_("Known"), known))
    facts += [(_("Left out"), translated(sentence)) for sentence in found.left_out]
    facts += more
    name = f"{company.name} ({company.code})"
    return Cover(
        name,
        tuple(facts),
        " · ".join(words),
        " · ".join(footer),
        now,
        ZoneInfo(company.timezone),
        language,
        _logo(company),
    )


def _logo(company: Company) -> CoverLogo | None:
    """The company's logo; none where its file is not in the data folder any more."""
    if company.logo is None:
        return None
    path = files.file_path(Path(settings.MEDIA_ROOT), company.logo.sha256)
    return CoverLogo(path.read_bytes(), company.logo.wide, company.logo.high) if path.is_file() else None
