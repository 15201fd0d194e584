"""Fixtures: the site with the shipped records, served once for all workers, and a browser for each worker."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bench.databases import ROOT, environment
from bench.site import serving
from e2e.axe import DESKTOP
from e2e.records import PASSWORD

SITE = "TENDERWATCH_E2E_SITE"  # passes the address on to the workers
REQUIRED_COMMANDS = {"chromium": "chromium", "pdftotext": "poppler-utils", "java": "default-jre-headless"}
LAUNCH = (
    "--no-sandbox",  # where tests run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure(config):
    """Start the site once, in the process that starts the workers."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    for command, package in REQUIRED_COMMANDS.items():
        if shutil.which(command) is None:
            pytest.exit(f"{command} is missing. On Debian and Ubuntu: sudo apt install {package}", returncode=1)
    stack = ExitStack()
    config.add_cleanup(stack.close)
    os.environ[SITE] = stack.enter_context(shipped_site())


@contextmanager
def shipped_site():
    """Serve all shipped records with the settings and the server of ``make run``; yield the site's URL."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'site.sqlite3'}"
        variables = environment(database, DJANGO_SETTINGS_MODULE="tenderwatch.settings")
        subprocess.run([sys.executable, "-m", "e2e.records"], cwd=ROOT, env=variables, check=True)
        with serving(database, settings="tenderwatch.settings", EVIDENCE_ROOT=str(Path(folder) / "evidence")) as (
            port,
            _,
        ):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def site():
    """The URL of the site, without a trailing slash."""
    return os.environ[SITE]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, site):
    """Return a function that opens a page in a new browser context; ``options`` are those of the context."""
    with visiting(browser, site) as visit:
        yield visit


@contextmanager
def visiting(browser, site):
    """Yield the function of ``visit``; at the end, close the contexts."""
    with ExitStack() as stack:

        def visit(path=None, **options):
            context = browser.new_context(base_url=site, **{"viewport": DESKTOP, **options})
            stack.callback(context.close)
            page = context.new_page()
            if path is not None:
                page.goto(path)
            return page

        yield visit


@pytest.fixture(scope="session")
def session_of(browser, site):
    """Return a function that returns the cookies of an account, which logs in once for all tests of a worker."""

    @cache
    def session_of(name):
        with visiting(browser, site) as visit:
            page = visit("/admin/login/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", PASSWORD)
            page.click("[type=submit]")
            page.wait_for_selector("#user-tools")
            return page.context.storage_state()

    return session_of


@pytest.fixture
def visit_as(visit, session_of):
    """Return a function that opens a page in a new browser context where an account is logged in."""

    def visit_as(name, path=None, **options):
        return visit(path, storage_state=session_of(name), **options)

    return visit_as
