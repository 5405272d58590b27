"""The import engine: one for the page, the command line and jobs.

States: waiting -> checking -> (checked: a dry run is over | refused: faults, nothing written | writing) -> done, or
stopped where writing broke off; running it again goes on after what has been written.

all_or_nothing: every row is checked first, then everything is written in one transaction: one fault, or a kill in the
middle, and nothing has happened. skip_bad_rows: bad units are left out and reported, the others are written in chunks
that are committed one by one, so a long import can be watched, broken off and taken up again.
A dry run does the same and takes everything back, so that rules which only show on writing (stock that would go
below zero) are reported too.
"""

from wherewithal.feeds.services.mappings import check_mapping, delete_mapping, save_mapping
from wherewithal.feeds.services.run import ImportReport, run_import
from wherewithal.feeds.services.start import MODES, start_import, stored_path

__all__ = [
    "MODES",
    "ImportReport",
    "check_mapping",
    "delete_mapping",
    "run_import",
    "save_mapping",
    "start_import",
    "stored_path",
]
