"""Claims are evaluated anew where something that they read has changed, and only there."""

from contextlib import suppress

import pytest
from django.core.cache import cache
from django.db import Error, models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import Fact
from tenders.claims import evaluation
from tenders.claims.evaluation import evaluate_article, evaluate_changed
from tenders.claims.verdict_history import cached_evaluations, key_of_claims
from tenders.models import (
    Article,
    Award,
    AwardSupplier,
    Category,
    Citation,
    Claim,
    Company,
    Institution,
    Region,
    Source,
    Tender,
)
from tests.factories import create_tender
from tests.test_evaluated_version import other_value

EVALUATED = (Article, Award, Category, Citation, Claim, Company, Institution, Region, Source, Tender)
LOST = (Award, AwardSupplier, Citation, Claim)


@pytest.fixture
def article(article_data):
    return Article.objects.get()


@pytest.fixture
def evaluated(monkeypatch):
    """The codes of the claims that were evaluated."""
    codes = []

    def evaluate(claim, article_set, evaluate=evaluation.evaluate):
        codes.append(claim.code)
        return evaluate(claim, article_set)

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    return codes


def evaluations(found):
    """Return the evaluations of claims with the columns of the sources that they name."""
    return {
        code: (evaluated, [source.title for source in evaluated.corroborating_sources])
        for code, evaluated in found.items()
    }


def columns_of(model):
    return [
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.unique or field.is_relation) and isinstance(field, models.Field)
    ]


@st.composite
def writes(draw):
    """A change of a column in one row, or the loss of a row; as (model, column or None, place of the row)."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(LOST)), None, draw(st.integers(0, 500))
    model = draw(st.sampled_from(EVALUATED))
    return model, draw(st.sampled_from(columns_of(model))), draw(st.integers(0, 500))


def write(model, column, place):
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    row = model.objects.filter(pk=keys[place % len(keys)])
    if column is None:
        row.get().delete()
    elif isinstance(column, models.BooleanField):
        row.update(**{column.name: models.Case(models.When(**{column.name: True}, then=False), default=True)})
    elif isinstance(column, models.DecimalField | models.IntegerField):
        row.update(**{column.name: models.F(column.name) + 1})
    elif isinstance(column, models.CharField | models.TextField):
        row.update(**{column.name: other_value(column)})


@settings(max_examples=4)
@given(made=st.lists(writes(), min_size=1, max_size=3))
def test_what_is_taken_over_is_what_evaluating_gives(article, made):
    before = cache.get(key_of_claims(article))
    with transaction.atomic():
        for one in made:
            with suppress(Error, models.ProtectedError), transaction.atomic():  # what constraints forbid
                write(*one)
        now = Article.objects.get()
        changed = {code: found for code, (_digest, found) in evaluate_changed(now, before).items()}
        assert evaluations(changed) == evaluations(evaluate_article(now))
        transaction.set_rollback(True)


ASKED = [
    (model, fact, attribute)
    for model in (Award, Company, Institution, Tender)
    for fact, attribute in model.FACTS.items()
    if attribute.parameter
]


WITH_IT = {"amount": ["amount_qualifier"], "category": ["category_basis"]}  # columns that are empty only together


@pytest.mark.parametrize(("model", "fact", "attribute"), ASKED, ids=lambda value: str(getattr(value, "parameter", "")))
def test_every_attribute_that_a_claim_reads_is_known(article, model, fact, attribute):
    before = cache.get(key_of_claims(article))
    Citation.objects.filter(fact=fact).delete()
    if fact == Fact.SUPPLIER:
        AwardSupplier.objects.all().delete()
    elif model is not Tender or attribute.name != "year":
        columns = [model._meta.get_field(name) for name in (attribute.name, *WITH_IT.get(attribute.name, ()))]
        model.objects.update(**{column.name: None if column.null else "" for column in columns})
    else:
        model.objects.update(year=models.F("year") - 1)

    changed = {code: found for code, (_digest, found) in evaluate_changed(article, before).items()}
    assert evaluations(changed) == evaluations(evaluate_article(article))


def test_a_write_elsewhere_evaluates_nothing(article, evaluated):
    cached_evaluations(article)
    evaluated.clear()
    tender = create_tender(year=2019)
    Tender.objects.filter(pk=tender.pk).update(year=2018)

    cached_evaluations(article)

    assert evaluated == []


def test_an_amount_evaluates_the_claims_on_amounts_alone(article, evaluated):
    cached_evaluations(article)
    evaluated.clear()
    award = Award.objects.exclude(amount=None).first()
    Award.objects.filter(pk=award.pk).update(amount=award.amount + 1)
    award.citations.filter(fact="award-amount", is_chosen=True).update(value=award.amount + 1)

    cached_evaluations(article)

    found = cached_evaluations(article)
    reading = {code for code in found if "award_amount" in (found[code].reads or ())}
    always = {code for code in found if found[code].reads is None}
    assert reading
    assert reading <= set(evaluated) <= reading | always
