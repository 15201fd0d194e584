"""
Databases of synthetic tenders: one for each size, reused while neither the schema nor the generator changes.

For SQLite each is a file, for PostgreSQL a schema. While it is being filled it has another name, so that an
interrupted run leaves nothing that looks complete.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".bench"
SEED = 20191231

# Shipped fixtures: the classification of the synthetic tenders, and an article with the tenders that it counts.
CLASSIFICATION = ("regions", "categories")
ARTICLE = ("blockchain_2018_2019", "interchain_pulse_2019")

# Files that determine the content of a database: the schema, derived columns and tables, the records.
DEPENDENCIES = (
    "tenders/migrations/*.py",
    "tenders/models/*.py",
    "tenders/figures.py",
    "tenders/search.py",
    "tenders/simplified.py",
    "tenders/triggers.py",
    *(f"fixtures/{name}.json" for name in CLASSIFICATION + ARTICLE),
    "bench/synthetic.py",
    "bench/words.py",
)


def database(size):
    """Return the URL of the database with ``size`` tenders; create and fill it if it does not exist."""
    given = os.environ.get("DATABASE_URL", "")
    return schema(given, size) if given.startswith("postgres") else file(size)


def environment(address, **variables):
    """Return the environment variables of a site process that uses a database; they override a local .env file."""
    fixed = {"DATABASE_URL": address, "DJANGO_ENV": "laptop", "DEBUG": "0", "ALLOWED_HOSTS": "127.0.0.1"}
    return {**os.environ, **fixed, **variables}


def fingerprint(size):
    """Return a hash of the size, the seed and ``DEPENDENCIES``."""
    fingerprint = hashlib.sha256(f"{size} {SEED}".encode())
    for pattern in DEPENDENCIES:
        for path in sorted(ROOT.glob(pattern)):
            fingerprint.update(path.read_bytes())
    return fingerprint.hexdigest()[:12]


def file(size):
    """Return the URL of an SQLite file; delete those of the same size with another fingerprint."""
    FOLDER.mkdir(exist_ok=True)
    path, unfinished = FOLDER / f"{size}-{fingerprint(size)}.sqlite3", FOLDER / "unfinished.sqlite3"
    if not path.exists():
        for old in [*FOLDER.glob(f"{size}-*"), *FOLDER.glob(f"{unfinished.name}*")]:
            old.unlink()
        fill(f"sqlite:///{unfinished}", size)
        unfinished.rename(path)
    return f"sqlite:///{path}"


def schema(address, size):
    """Return the URL of a schema in a PostgreSQL database that holds nothing but such schemas."""
    import psycopg  # optional dependency

    def url_of_schema(name):
        return f"{address}{'&' if '?' in address else '?'}options={quote(f'-c search_path={name}')}"

    name = f"bench_{size}_{fingerprint(size)}"
    with psycopg.connect(address, autocommit=True) as connection:
        foreign = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND NOT starts_with(schemaname, 'bench_')"
        ).fetchone()
        if foreign:
            sys.exit(f"The database holds what the benchmark did not make ({foreign[0]}): give it an empty one.")
        schemas = {row[0] for row in connection.execute("SELECT nspname FROM pg_namespace")}
        if name not in schemas:
            for old in schemas:
                if old == "bench_unfinished" or old.startswith(f"bench_{size}_"):
                    connection.execute(f'DROP SCHEMA "{old}" CASCADE')
            connection.execute("CREATE SCHEMA bench_unfinished")
            fill(url_of_schema("bench_unfinished"), size)
            connection.execute(f"ALTER SCHEMA bench_unfinished RENAME TO {name}")
            connection.execute("ANALYZE")  # as autovacuum would after a while
    return url_of_schema(name)


def fill(address, size):
    """Migrate an empty database; load the classification, the synthetic tenders and the article."""
    print(f"Filling a database with {size} tenders", flush=True)
    for command in (
        ["migrate", "--verbosity", "0"],
        ["loaddata", *CLASSIFICATION, "--verbosity", "0"],
        ["shell", "--verbosity", "0", "--command", f"from bench.synthetic import fill; fill({size}, {SEED})"],
        ["loaddata", *ARTICLE, "--verbosity", "0"],
    ):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment(address), check=True)
