"""Conventions: what every module, model, template and lock file keeps to."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.loader import MigrationLoader

from tenders.models import Change
from tenders.models.changes import is_history
from tenders.triggers import COMPUTED_MODELS

ROOT = Path(settings.BASE_DIR)
MODELS = [model for model in apps.get_app_config("tenders").get_models() if not is_history(model) or model is Change]
MODULES = [
    path
    for folder in ("accounts", "bench", "tenders", "tenderwatch")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts and path.name != "__init__.py"
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON_FILES = [
    path
    for folder in ("accounts", "bench", "e2e", "tenders", "tenderwatch", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
SITE_FILES = [
    path
    for path in PYTHON_FILES
    if path.relative_to(ROOT).parts[0] in {"accounts", "tenders", "tenderwatch"} and "migrations" not in path.parts
]


@pytest.mark.parametrize("model", MODELS)
def test_names_of_columns_say_what_they_hold(model):
    for field in model._meta.get_fields():
        if isinstance(field, models.DateTimeField):
            assert field.name.endswith("_at"), field
        elif "Date" in type(field).__name__:
            assert field.name.endswith("_date"), field
        elif isinstance(field, models.BooleanField):
            assert field.name.startswith("is_"), field


@pytest.mark.parametrize("model", MODELS)
def test_unknown_text_is_empty_and_anything_else_unknown_is_null(model):
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField):
            assert not field.null, field
        elif field.blank and not isinstance(field, models.AutoField):
            assert field.null or field.has_default(), field


@pytest.mark.parametrize("model", MODELS)
def test_money_is_exact_on_sqlite(model):
    for field in model._meta.concrete_fields:
        assert not isinstance(field, models.FloatField), field
        if isinstance(field, models.DecimalField):
            assert (field.max_digits, field.decimal_places) == (15, 2), field


@pytest.mark.parametrize("model", MODELS)
def test_constraints_speak_to_editors(model):
    for constraint in model._meta.constraints:
        assert constraint.violation_error_message != constraint.default_violation_error_message, constraint


@pytest.mark.parametrize("model", MODELS)
def test_every_model_says_what_it_is_in_the_world(model):
    assert model.__doc__
    assert not model.__doc__.startswith(model.__name__ + "(")
    assert model in COMPUTED_MODELS or model is Change or hasattr(model, "natural_key")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_about(path):
    if path.name in {"apps.py"}:
        return
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_module_is_a_drawer_for_everything():
    assert not [path for path in MODULES if re.search(r"util|helper|misc|common", path.stem)]


def names_in(node):
    """Return the names that a node of a syntax tree uses or gives."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.arg | ast.keyword):
        return [node.arg]
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias):
        return [node.name, getattr(node, "asname", None)]
    return []


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_python_name_is_each(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert not [node.lineno for node in ast.walk(tree) if "each" in names_in(node)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_loop_variable_of_a_template_is_each(path):
    loops = re.findall(r"{%-?\s*for\s+(.+?)\s+in\s", path.read_text(encoding="utf-8"))

    assert not [variables for variables in loops if "each" in re.split(r"[\s,]+", variables)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_line_of_a_template_has_at_most_160_characters(path):
    lines = path.read_text(encoding="utf-8").splitlines()

    assert not [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > 160]


@pytest.mark.parametrize("path", SITE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", SITE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_has_at_most_60_lines(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    for function in functions:
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        assert function.end_lineno - first + 1 <= 60, function.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_nothing_that_a_strict_policy_refuses(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(
        r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|href=[\"']https?:|src=[\"']https?:", text
    )


TEXT = re.compile(r">([^<>{}]*[A-Za-z]{2}[^<>{}]*)<")
NAMES = {"Tender", "Watch", "TenderWatch", "· TenderWatch"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_of_a_template_can_be_translated(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)

    assert {found.strip() for found in TEXT.findall(text)} <= NAMES


def test_every_migration_can_be_undone():
    for name, migration in MigrationLoader(None).disk_migrations.items():
        assert name[0] not in {"accounts", "tenders"} or all(
            operation.reversible for operation in migration.operations
        ), name


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_locks_have_hashes_and_no_addresses(path):
    text = path.read_text(encoding="utf-8")

    assert "--hash=sha256:" in text
    assert "://" not in text


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)

    for dependency in (*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["postgres"]):
        assert re.search(re.escape(f'"{dependency}",') + r"\s+# \w", text), dependency


def test_links_of_the_documentation_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in link and not link.startswith("mailto:"):
                assert (path.parent / link).exists(), (path, link)


def test_tests_of_the_shipped_pages_run_in_one_process(request, shipped_pages):
    """Several processes would each render the pages. pytest-xdist names the group of a test in the name of the test."""
    is_grouped = getattr(request.config.option, "loadgroup", False)  # only in such a process

    assert request.node.nodeid.endswith("@shipped_pages") == is_grouped
