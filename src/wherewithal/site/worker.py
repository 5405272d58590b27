"""The worker process for jobs, beside the web processes: `python -m wherewithal.site.worker`."""

from wherewithal.site import start


def main() -> None:
    start.setup()
    start.work_jobs()


if __name__ == "__main__":
    main()
