"""The command line as tests run it: in this process, built once. Building it takes longer than most commands."""

from functools import cache

from typer import testing

from wherewithal.cli import main

build = cache(main.build)
testing._get_command = cache(testing._get_command)
