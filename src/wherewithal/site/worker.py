"""The worker process for jobs, beside the web processes: `python -m wherewithal.site.worker`."""

import sys

from procrastinate.exceptions import ConnectorException

from wherewithal.site import start


def main() -> int:
    """Work until told to stop; 1 when the database has gone (whoever started us starts us again)."""
    start.setup()
    try:
        start.work_jobs()
    except ConnectorException:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
