"""The register, the events, the runs and the reports of fixed assets."""

from wherewithal.api.rooms.assets import (
    classes,
    custody,
    events,
    files,
    plans,
    register,
    reports,
    runs,
    taxes,
    timetables,
    together,
)
from wherewithal.api.rooms.assets.common import section

__all__ = [
    "classes",
    "custody",
    "events",
    "files",
    "plans",
    "register",
    "reports",
    "runs",
    "section",
    "taxes",
    "timetables",
    "together",
]
