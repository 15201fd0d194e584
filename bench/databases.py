"""
Databases of synthetic tenders: one for each size, kept while neither the schema nor what fills it changes.

SQLite keeps each in a file of its own, PostgreSQL in a schema of its own. One that is being filled has another name
until it is complete, so that an interrupted run leaves nothing that looks finished.
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

# What is published: what the synthetic tenders are filed under, and beside them an article with those that it counts.
CLASSIFICATION = ("regions", "categories")
ARTICLE = ("blockchain_2018_2019", "interchain_pulse_2019")

# What makes a database what it is: the schema, what is derived from the records, and the records.
MAKERS = (
    "tenders/migrations/*.py",
    "tenders/models/*.py",
    "tenders/search.py",
    "tenders/triggers.py",
    *(f"fixtures/{name}.json" for name in CLASSIFICATION + ARTICLE),
    "bench/synthetic.py",
    "bench/words.py",
)


def database(size):
    """Return the address of the database of so many tenders, filled if there is none yet."""
    given = os.environ.get("DATABASE_URL", "")
    return schema(given, size) if given.startswith("postgres") else file(size)


def environment(address, **variables):
    """Return the environment of a process of the site that uses a database: nothing else is left to a local file."""
    fixed = {"DATABASE_URL": address, "DJANGO_ENV": "laptop", "DEBUG": "0", "ALLOWED_HOSTS": "127.0.0.1"}
    return {**os.environ, **fixed, **variables}


def fingerprint(size):
    """Return a name for what a database of so many tenders holds: the same as long as nothing that makes it changes."""
    fingerprint = hashlib.sha256(f"{size} {SEED}".encode())
    for pattern in MAKERS:
        for path in sorted(ROOT.glob(pattern)):
            fingerprint.update(path.read_bytes())
    return fingerprint.hexdigest()[:12]


def file(size):
    """Return the address of an SQLite file; those of another schema or generator go."""
    FOLDER.mkdir(exist_ok=True)
    path, unfinished = FOLDER / f"{size}-{fingerprint(size)}.sqlite3", FOLDER / "unfinished.sqlite3"
    if not path.exists():
        for old in [*FOLDER.glob(f"{size}-*"), *FOLDER.glob(f"{unfinished.name}*")]:
            old.unlink()
        fill(f"sqlite:///{unfinished}", size)
        unfinished.rename(path)
    return f"sqlite:///{path}"


def schema(address, size):
    """Return the address of a schema in a PostgreSQL database that holds nothing but such schemas."""
    import psycopg  # only those who ask for PostgreSQL have it

    def within(name):
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
            fill(within("bench_unfinished"), size)
            connection.execute(f"ALTER SCHEMA bench_unfinished RENAME TO {name}")
            connection.execute("ANALYZE")  # as the server does by itself after a while
    return within(name)


def fill(address, size):
    """Make the tables in an empty database, load the published classification, add tenders, then the article."""
    print(f"Filling a database with {size} tenders", flush=True)
    for command in (
        ["migrate", "--verbosity", "0"],
        ["loaddata", *CLASSIFICATION, "--verbosity", "0"],
        ["shell", "--verbosity", "0", "--command", f"from bench.synthetic import fill; fill({size}, {SEED})"],
        ["loaddata", *ARTICLE, "--verbosity", "0"],
    ):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment(address), check=True)
