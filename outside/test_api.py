"""The description of all addresses, by a validator of OpenAPI, and what it describes, by requests of Schemathesis."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from outside.conftest import fetch_json

EXAMPLES = os.environ.get("MAX_EXAMPLES", "2")  # requests of each kind that are tried for an address


def test_the_description_is_valid():
    validate(fetch_json("/openapi.json"))


def test_every_address_answers_as_described(site, tmp_path):
    """A well-formed reference of no record is refused by design, so that check is left out."""
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(fetch_json("/openapi.json")))
    command = [
        *(str(Path(sys.executable).with_name("st")), "run", str(description), "--url", site, "--no-color"),
        *(
            "--max-examples",
            EXAMPLES,
            "--exclude-checks",
            "positive_data_acceptance",
            "--phases",
            "examples,coverage,fuzzing",
        ),
    ]

    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    if found.returncode:
        pytest.fail(found.stdout[-20_000:] + found.stderr)
