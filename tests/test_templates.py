"""The form of templates: lines that a diff can show, and loop variables that name what they hold."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LOOP_OVER_EACH = re.compile(r"{%\s*for\s[^%]*?\beach\b[^%]*?\sin\s")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_line_of_a_template_has_more_than_160_characters(path):
    lines = path.read_text(encoding="utf-8").splitlines()

    assert not [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > 160]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_loop_variable_of_a_template_is_called_each(path):
    assert not LOOP_OVER_EACH.findall(path.read_text(encoding="utf-8"))
