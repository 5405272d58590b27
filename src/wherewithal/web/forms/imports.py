"""The form of an import."""

from django.utils.translation import gettext_lazy as _

from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.reading import LARGEST_FILE_BYTES
from wherewithal.kit.words import translated_lazy
from wherewithal.web import fields
from wherewithal.web.forms.files import FileField

MODES = (
    ("all_or_nothing", _("All rows or none")),
    ("skip_bad_rows", _("Good rows; leave out bad ones")),
)


class ImportForm(fields.Form):
    kind = fields.ChoiceField(
        label=_("What is in the file"), choices=[(k.name, translated_lazy(k.label)) for k in KINDS.values()]
    )
    file = FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV or Excel (XLSX), first row: headings."),
        largest=LARGEST_FILE_BYTES,
    )
    mapping = fields.ChoiceField(label=_("Columns"), required=False)
    mode = fields.ChoiceField(label=_("When rows are wrong"), choices=MODES)

    def __init__(self, *args: object, mappings: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Headings are the field names")), *((name, name) for name in mappings)]
        self.fields["mapping"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
