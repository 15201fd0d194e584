"""Take the pictures of README.md of a site with the given fixtures: ``make pictures`` (Chromium is needed)."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.databases import ROOT, environment
from bench.site import serving
from e2e.conftest import LAUNCH

SETTINGS = "tenderwatch.settings"
VIEWPORT = {"width": 1180, "height": 980}  # CSS pixels
PAGES = {
    "overview.png": "/",
    "tender.png": "/tenders/TW-N9GRJT/",  # sources disagree on its amount
    "article.png": "/articles/interchain-pulse-2019/",
}


def take(site):
    """Write a picture of the top of each page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH)
        page = browser.new_page(base_url=site, viewport=VIEWPORT, color_scheme="light")
        for name, path in PAGES.items():
            page.goto(path)
            page.screenshot(path=ROOT / "docs" / "images" / name)
        browser.close()


def main(fixtures):
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'site.sqlite3'}"
        variables = environment(database, DJANGO_SETTINGS_MODULE=SETTINGS)
        for command in (["migrate", "--verbosity", "0"], ["loaddata_if_empty", *fixtures]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=variables, check=True)
        with serving(database, settings=SETTINGS) as (port, _pid):
            take(f"http://127.0.0.1:{port}")


if __name__ == "__main__":
    main(sys.argv[1:])
