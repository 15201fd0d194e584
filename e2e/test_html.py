"""The Nu HTML checker finds no error on any page."""

import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from django.template import loader

from e2e.pages import LANGUAGES, PAGES

CHECKER = Path(sys.prefix) / "vnu/node_modules/vnu-jar/build/dist/vnu.jar"  # `make e2e` fetches it


def html_of(address):
    """Return the HTML of a page, also of an error page."""
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 -- our own site
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.read()


def test_html_is_valid(site, tmp_path):
    addresses = {}
    for language, prefix in LANGUAGES.items():
        for number, page in enumerate(PAGES.values()):
            if prefix == "" or ".csv" not in page.path:
                file = tmp_path / f"{language}-{number}.html"
                addresses[file.name] = prefix + page.path
                file.write_bytes(html_of(site + prefix + urllib.parse.quote(page.path, safe="/?&=")))
    file = tmp_path / "500.html"
    file.write_text(loader.get_template("500.html").render())

    command = ["java", "-jar", CHECKER, "--errors-only", "--format", "json", *tmp_path.glob("*.html")]
    result = subprocess.run(command, capture_output=True, check=False)

    messages = json.loads(result.stderr)["messages"]
    assert [(addresses.get(Path(m["url"]).name), m["message"], m.get("extract")) for m in messages] == []
