"""Serve all shipped records, and run a command that finds the address of the site in ``SITE``."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.databases import ROOT, environment
from bench.site import serving

FIXTURES = ("regions", "categories", "blockchain_2018_2019", "interchain_pulse_2019", "later_tenders", "other_studies")
SETTINGS = "tenderwatch.settings"
VERSION = "2019.1"  # of the data set, for checks of the files of versions


def main(command):
    """Return the exit status of the command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = f"sqlite:///{folder / 'site.sqlite3'}"
        folders = {"PAST_ROOT": str(folder / "past"), "DATA_VERSIONS": str(folder / "versions")}
        variables = environment(database, DJANGO_SETTINGS_MODULE=SETTINGS, **folders)

        def manage(*arguments):
            subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=variables, check=True)

        manage("migrate", "--verbosity", "0")
        manage("loaddata_if_empty", *FIXTURES)
        manage("release_data", VERSION)
        with serving(database, settings=SETTINGS, **folders) as (port, _log):
            return subprocess.run(command, cwd=ROOT, env=os.environ | {"SITE": f"http://127.0.0.1:{port}"}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
