"""The version of what evaluations of claims are computed from: renewed by every write of it, and by no other."""

import pytest
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat

from tenders import triggers
from tenders.choices import Cause, NameStatus
from tenders.claims.evaluation import evaluate_article
from tenders.claims.verdict_history import record_verdict_changes
from tenders.fields import PartialDateField
from tenders.models import (
    Article,
    Award,
    Category,
    Citation,
    Claim,
    Company,
    DatasetVersion,
    Inclusion,
    Institution,
    Region,
    Source,
    Tender,
)
from tests.factories import create_article


def other_value(field):
    """Return an expression that gives a column another valid value wherever it is known."""
    text = models.TextField()
    if isinstance(field, models.BooleanField):
        return Case(When(**{field.name: True}, then=Value(False)), default=Value(True))
    if field.name.endswith("_status"):
        return Case(
            When(**{field.name: ""}, then=Value("")), default=Value(NameStatus.UNVERIFIED.value), output_field=text
        )
    if field.choices:
        known = [code for code, _label in field.choices if code]
        others = [When(**{field.name: code}, then=Value(known[place - 1])) for place, code in enumerate(known)]
        return Case(*others, default=F(field.name), output_field=text)
    if isinstance(field, models.IntegerField):
        return F(field.name) + 1
    other = Value("1999") if isinstance(field, PartialDateField) else Concat(field.name, Value("-"), output_field=text)
    return Case(When(**{field.name: ""}, then=Value("")), default=other, output_field=text)


def evaluations():
    return {article.slug: evaluate_article(article) for article in Article.objects.all()}


def test_evaluations_do_not_depend_on_columns_left_out_of_their_version(all_data):
    Inclusion.objects.create(
        article=Article.objects.first(), tender=Tender.objects.first(), reason="It counts this one."
    )
    record_verdict_changes(Cause.CHECKED)
    before = evaluations()

    for model, columns in triggers.NOT_EVALUATED_COLUMNS.items():
        for name in sorted(columns - {"credit_code"}):
            assert model.objects.update(**{name: other_value(model._meta.get_field(name))})
        assert DatasetVersion.has_recorded_verdicts(), model
    assert evaluations() == before


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        (Tender, "year", 2017),
        (Tender, "state", "withdrawn"),
        (Tender, "certainty", "low"),
        (Institution, "kind", "hospital"),
        (Company, "size", "micro"),
        (Citation, "value", "2017"),
        (Citation, "is_chosen", False),
        (Source, "title", "Another title"),
        (Source, "version_of", None),
        (Award, "amount", 7),
        (Article, "to_date", "2020"),
        (Claim, "query", "year=2017"),
        (Claim, "base_query", "year=2017"),
        (Region, "code", "CN-XX"),
        (Category, "parent", None),
    ],
)
def test_what_evaluations_are_computed_from_renews_their_version(all_data, model, column, value):
    DatasetVersion.set_recorded_verdicts()
    rows = (
        model.objects.exclude(**{column: value}) if value is not None else model.objects.exclude(**{f"{column}": None})
    )

    model.objects.filter(pk=rows.order_by("pk").values("pk")[:1]).update(**{column: value})

    assert not DatasetVersion.has_recorded_verdicts()


@pytest.mark.parametrize("model", [Citation, Claim, Tender], ids=lambda model: model._meta.model_name)
def test_added_and_deleted_rows_renew_the_version_of_evaluations(all_data, model):
    DatasetVersion.set_recorded_verdicts()
    model.objects.order_by("pk").last().delete()
    assert not DatasetVersion.has_recorded_verdicts()

    DatasetVersion.set_recorded_verdicts()
    create_article(state="draft")
    assert not DatasetVersion.has_recorded_verdicts()


def test_writes_after_the_verdicts_were_recorded_are_found_in_the_same_transaction(article_data):
    tender = Tender.objects.first()
    for year in (2011, 2012):
        Tender.objects.filter(pk=tender.pk).update(year=year)
        assert not DatasetVersion.has_recorded_verdicts()
        record_verdict_changes(Cause.CHECKED)
        assert DatasetVersion.has_recorded_verdicts()
