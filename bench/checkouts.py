"""A version of the site in a folder: this one, or an earlier commit; its database, server and records for visitors."""

import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlsplit

from bench.databases import FOLDER, ROOT, environment

# What all versions since the first benchmark understand, run by ``manage.py shell``.
SET_UP = """
import json, sys
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from tenders.models import Tender
cookies = []
for number in range(int(sys.stdin.read())):
    client = Client()
    client.force_login(User.objects.create_superuser(f"editor-{number}"))
    cookies.append((settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value))
published = Tender.objects.filter(state="published").order_by("pk")
print(json.dumps({
    "cookies": cookies,
    "references": list(published.values_list("reference", flat=True)[:1000]),
    "tenders": list(published.values_list("pk", flat=True)[:50]),
}))
"""
EXAMINE = """
import json, sys
from tenders.models import Tender
saved = {int(pk): set(words) for pk, words in json.load(sys.stdin).items()}
found, recorded = {}, {}
for pk, notes in Tender.objects.filter(pk__in=saved).values_list("pk", "notes"):
    found[pk] = set(notes.split())
for pk, notes in Tender.history.filter(id__in=saved).values_list("id", "notes"):
    recorded.setdefault(pk, set()).update(notes.split())
print(json.dumps({
    "lost": [word for pk, words in saved.items() for word in words - found.get(pk, set())],
    "unrecorded": [word for pk, words in saved.items() for word in words - recorded.get(pk, set())],
}))
"""


@dataclass(frozen=True)
class Checkout:
    """A version of the site."""

    name: str
    root: Path

    def manage(self, address, *command, text="", **variables):
        """Run a command of ``manage.py`` with a database; return its output."""
        finished = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self.root,
            env=environment(address, **variables),
            input=text,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return finished.stdout

    def set_up(self, address, num_editors):
        """Create editors; return their session cookies, references to read and primary keys of tenders to edit."""
        return self._run(address, SET_UP, num_editors)

    def examine(self, address, saved):
        """Return which of the saved words are missing in the notes of their tenders, and in the history."""
        return self._run(address, EXAMINE, saved)

    def _run(self, address, script, data):
        shell = ("shell", "--verbosity", "0", "--command", script)
        return json.loads(self.manage(address, *shell, text=json.dumps(data)))

    def database(self, size, server=""):
        """Return the address of a new copy of a database of synthetic tenders, which visitors may write to."""
        return self._schema(size, server) if server else self._file(size)

    def _filled(self, size, server=""):
        """Return the address of the database that the benchmark of this version fills, and reuses."""
        script = f"from bench.databases import database; print(database({size}))"
        command = [sys.executable, "-c", script]
        env = environment(server)
        output = subprocess.run(command, cwd=self.root, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
        return output.split()[-1]

    def _file(self, size):
        copy = FOLDER / "visited.sqlite3"
        for old in FOLDER.glob(f"{copy.name}*"):
            old.unlink()
        copyfile(self._filled(size).removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"

    def _schema(self, size, server):
        import psycopg  # optional dependency

        def url(name):
            return urlsplit(server)._replace(path=f"/{name}").geturl()

        original, copy = f"bench_{self.name}", "bench_visited"
        with psycopg.connect(server, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [original]).fetchone():
                connection.execute(f'CREATE DATABASE "{original}"')
            filled = self._filled(size, url(original))
            connection.execute(f'DROP DATABASE IF EXISTS "{copy}"')
            connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
        return filled.replace(url(original), url(copy), 1)


def present():
    """Return this version."""
    return Checkout("present", ROOT)


def commit(name):
    """Return the version of a commit, unpacked beside the databases of the benchmark; None if there is none."""
    found = _git("rev-parse", "--short", f"{name}^{{commit}}")
    if found.returncode:
        return None
    name = found.stdout.decode().strip()
    root = FOLDER / f"commit-{name}"
    checkout = Checkout(name, root)
    if not root.exists():
        with tarfile.open(fileobj=io.BytesIO(_git("archive", name).stdout)) as files:
            files.extractall(root, filter="data")
    if not (root / "staticfiles").exists():
        checkout.manage("sqlite://:memory:", "collectstatic", "--noinput", "--verbosity", "0")
    return checkout


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)  # noqa: S607
