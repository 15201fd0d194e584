"""Public facts and their sources in the admin: a changed fact needs a citation; choosing one of several statements."""

import re

import pytest

from tenders import integrity
from tenders.choices import EditorialState, Fact
from tenders.models import Award, Change, Citation, Company, Institution, Source, Tender
from tests.factories import (
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)
from tests.test_admin import address, formset, offered, posted, posted_award, save_and_cite, tender_form


@pytest.fixture
def tender(db):
    """A public tender whose year is cited."""
    tender = create_tender(title_en="A platform", certainty="high")
    source = create_source(slug="a-notice")
    for fact, value in ((Fact.EXISTENCE, "yes"), (Fact.YEAR, "2019"), (Fact.TITLE_EN, "A platform")):
        create_citation(tender, fact, value, source=source, is_chosen=True)
    return tender


def save(client, tender, *, citations=None, changes=(), **fields):
    """Post the form of a tender with changed fields; ``changes`` are those of citations, by their key or their fact."""
    changes = dict(changes)
    rows = [
        posted(citation, **changes.get(citation.pk, changes.get(citation.fact, {})))
        for citation in tender.citations.order_by("pk")
    ]
    awards = [posted_award(award) for award in tender.awards.all()]
    form = {"awards": awards, "initial_awards": len(awards), **fields}
    data = tender_form(citations=rows + (citations or []), initial_citations=len(rows), **form)
    post = save_and_cite if "cite_source" in fields and "cite_offered" not in fields else type(client).post
    return post(client, address(Tender, "change", tender.pk), data)


def test_a_changed_public_fact_without_a_source_is_refused_and_the_form_shown_again(admin_client, tender):
    before = Change.objects.count()

    response = save(admin_client, tender, year="2018", notes="Typed at length.")

    assert "Published facts need a source" in response.text
    assert "“Year” was changed from 2019 to 2018: cite a source for it." in response.text
    assert "Typed at length." in response.text
    assert 'value="2018"' in response.text
    tender.refresh_from_db()
    assert (tender.year, tender.notes, Change.objects.count()) == (2019, "", before)


def test_a_changed_public_fact_is_saved_with_a_source_and_its_old_citation(admin_client, tender):
    study = create_source()

    response = save(admin_client, tender, year="2018", cite_source=study.slug, cite_place="page 3")

    assert response.status_code == 302
    tender.refresh_from_db()
    assert tender.year == 2018
    stated = set(tender.citations.filter(fact=Fact.YEAR).values_list("value", "source__slug", "is_chosen"))
    assert stated == {("2019", "a-notice", False), ("2018", study.slug, True)}
    assert tender.history.first().change.reason == "As the source says."


def test_a_changed_public_fact_is_saved_with_a_new_citation(admin_client, tender):
    row = {"fact": "year", "source": create_source().slug, "value": "2018", "is_chosen": "on", "stated": "In 2018"}
    row["reason"] = "It is the notice."

    save(admin_client, tender, year="2018", citations=[row], changes=[("year", {"is_chosen": ""})])

    tender.refresh_from_db()
    assert tender.year == 2018
    assert tender.citations.get(is_chosen=True, fact=Fact.YEAR).stated == "In 2018"


def test_a_citation_of_another_value_does_not_support_the_new_value(admin_client, tender):
    row = {
        "fact": "year",
        "source": create_source().slug,
        "value": "2017",
        "is_chosen": "on",
        "reason": "It is nearer.",
    }

    response = save(admin_client, tender, year="2018", citations=[row], changes=[("year", {"is_chosen": ""})])

    assert "“Year” was changed from 2019 to 2018" in response.text
    assert not Citation.objects.filter(value="2017").exists()


def test_an_emptied_fact_may_not_have_a_chosen_statement(admin_client, tender):
    Tender.objects.filter(pk=tender.pk).update(city="Beijing")
    create_citation(tender, Fact.CITY, "Beijing", is_chosen=True)

    refused = save(admin_client, tender, city="")
    saved = save(admin_client, tender, city="", changes=[("city", {"is_chosen": ""})])

    assert "“City” is now unknown, but a statement of Beijing is still used." in refused.text
    assert saved.status_code == 302
    assert Tender.objects.get(pk=tender.pk).city == ""


def test_a_new_award_of_a_public_tender_requires_a_source(admin_client, tender):
    award = {"number": "1", "amount": "500", "amount_qualifier": "exact"}

    refused = save(admin_client, tender, awards=[award], initial_awards=0)
    saved = save(admin_client, tender, awards=[award], initial_awards=0, cite_source=create_source().slug)

    assert "“Award amount” of award 1 was changed from unknown to 500" in refused.text
    assert saved.status_code == 302
    assert Award.objects.get().citations.get(is_chosen=True, fact=Fact.AWARD_AMOUNT).value == "500"


def test_a_field_that_is_no_fact_needs_a_reason_and_no_source(admin_client, tender):
    assert "Give a reason" in save(admin_client, tender, notes="Looked up.", change_reason="").text
    assert save(admin_client, tender, notes="Looked up.").status_code == 302


def test_a_draft_is_saved_without_sources_and_reasons(admin_client, tender):
    Tender.objects.update(state=EditorialState.DRAFT)

    assert save(admin_client, tender, year="2018", change_reason="").status_code == 302


@pytest.fixture
def disputed(tender):
    """A citation of another amount than the award of the tender has."""
    award = create_award(tender, create_company(), amount=8_595_000)
    for fact in award.known_facts():
        create_citation(tender, fact, award.canonical(fact), award=award, is_chosen=True)
    return create_citation(tender, Fact.AWARD_AMOUNT, "8995000", award=award, stated="8.995 million")


CHOSEN = {"is_chosen": "on", "reason": "It is the award notice."}


def test_statements_that_differ_are_shown_in_one_row(admin_client, tender, disputed):
    text = admin_client.get(address(Tender, "change", tender.pk)).text

    (row,) = re.findall(r'<details class="fact is-disputed">.*?<div class="fact-body">.*?</details>', text, re.DOTALL)
    assert "sources disagree" in row
    assert "2 statements" in row
    assert [value in row for value in ("8,595,000", "8,995,000", "8.995 million")] == [True] * 3


@pytest.mark.parametrize("old", [{}, {"is_chosen": ""}])
def test_a_disputed_amount_is_corrected_in_one_save(admin_client, tender, disputed, old):
    before = tender.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True)

    response = save(admin_client, tender, changes=[(disputed.pk, CHOSEN), (before.pk, old)])

    assert response.status_code == 302
    chosen = tender.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True)
    assert (chosen.pk, chosen.reason) == (disputed.pk, "It is the award notice.")
    assert Award.objects.get().amount == 8_995_000
    assert before.history.count() == 2
    assert tender.history.first().change.kind == "changed"


def test_a_lower_bound_is_chosen_and_another_amount_again(admin_client, tender, disputed):
    bound = create_citation(tender, Fact.AWARD_AMOUNT, ">8500000", award=disputed.award)

    assert save(admin_client, tender, changes=[(bound.pk, CHOSEN)]).status_code == 302
    award = Award.objects.get()
    assert (award.amount, award.amount_qualifier) == (8_500_000, "at-least")
    assert not list(integrity.citation_problems(Tender.objects.get()))
    assert save(admin_client, tender, changes=[(disputed.pk, CHOSEN)]).status_code == 302

    award.refresh_from_db()
    assert (award.amount, award.amount_qualifier) == (8_995_000, "exact")


def test_the_choice_is_swapped_and_swapped_back(admin_client, tender, disputed):
    before = tender.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True)

    for citation in (disputed, before):
        assert save(admin_client, tender, changes=[(citation.pk, CHOSEN)]).status_code == 302
        assert tender.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True) == citation

    assert Award.objects.get().amount == 8_595_000


def test_choosing_a_statement_without_a_reason_is_refused_and_the_choice_shown_again(admin_client, tender, disputed):
    response = save(admin_client, tender, changes=[(disputed.pk, {"is_chosen": "on"})])

    assert "Sources disagree: give a reason for using this statement." in response.text
    assert response.text.count("give a reason for using this statement") == 2  # at the top, and beside the field
    assert re.search(r'name="citations-4-is_chosen"[^>]* checked', response.text)
    assert Award.objects.get().amount == 8_595_000


def test_a_new_statement_is_chosen_with_a_reason_and_the_record_takes_its_value(admin_client, tender, disputed):
    row = {"fact": "award_amount", "source": create_source().slug, "value": "8,600,000", **CHOSEN}

    refused = save(admin_client, tender, citations=[{**row, "reason": ""}])
    saved = save(admin_client, tender, citations=[row])

    assert "give a reason for using this statement" in refused.text
    assert saved.status_code == 302
    assert Award.objects.get().amount == 8_600_000
    assert tender.citations.get(fact=Fact.AWARD_AMOUNT, is_chosen=True).value == "8600000"


def test_a_statement_that_contradicts_a_choice_without_a_reason_is_refused(admin_client, tender):
    row = {"fact": "year", "source": create_source().slug, "value": "2018"}

    refused = save(admin_client, tender, citations=[row])
    saved = save(admin_client, tender, citations=[row], changes=[("year", {"reason": "It is nearer."})])

    assert "Sources disagree: give a reason for using this statement." in refused.text
    assert saved.status_code == 302


def test_an_old_choice_without_a_reason_prevents_no_other_change(admin_client, tender, disputed):
    assert save(admin_client, tender, notes="Looked up.").status_code == 302


def test_a_value_that_no_column_can_hold_is_not_followed(admin_client, tender):
    row = {"fact": "category", "source": create_source().slug, "value": "no-such-category", "is_chosen": "on"}

    response = save(admin_client, tender, citations=[row])

    assert "There is no category named “no-such-category”." in response.text
    assert not tender.citations.filter(fact=Fact.CATEGORY).exists()


def test_an_empty_field_takes_the_value_of_a_chosen_statement(admin_client, tender):
    row = {"fact": "budget", "source": create_source().slug, "value": "100", "is_chosen": "on"}

    assert save(admin_client, tender, citations=[row]).status_code == 302

    assert Tender.objects.get().budget_amount == 100


@pytest.mark.parametrize(("create", "fact"), [(create_institution, Fact.KIND), (create_company, Fact.KIND)])
def test_the_choice_about_a_party_is_swapped_in_one_save_with_a_reason(admin_client, create, fact, db):
    party = create(kind="public-institution")
    create_citation(party, fact, "public-institution", is_chosen=True)
    other = create_citation(party, fact, "company")

    def swap(reason):
        rows = [posted(citation) for citation in party.citations.order_by("pk")]
        rows[1] |= {"is_chosen": "on", "reason": reason}
        for row in rows:
            del row["award_number"]
        form = {"name_en": party.name_en, "name_en_status": "sourced", "kind": party.kind, "change_reason": "Read."}
        data = {**form, **formset("citations", *rows, initial=2)}
        return admin_client.post(address(type(party), "change", party.pk), data)

    assert "Sources disagree: give a reason for using this statement." in swap("").text
    assert swap("It is the register.").status_code == 302
    party.refresh_from_db()
    assert (party.kind, party.citations.get(is_chosen=True)) == ("company", other)


def test_a_translation_of_ours_is_not_chosen_from_a_document(admin_client, tender):
    response = save(admin_client, tender, title_en_status="unverified-translation")

    assert "“English title” is our translation, but cited from a document (a-notice)." in response.text
    assert Tender.objects.get().title_en_status == "sourced"


def test_the_choice_of_winners_is_swapped_in_one_save(admin_client, tender, disputed):
    award, other = disputed.award, create_company()
    statement = create_citation(tender, Fact.SUPPLIER, other.reference, award=award)

    assert save(admin_client, tender, changes=[(statement.pk, CHOSEN)]).status_code == 302

    assert list(award.suppliers.all()) == [other]
    assert tender.citations.get(fact=Fact.SUPPLIER, is_chosen=True) == statement


@pytest.mark.parametrize("create", [create_institution, create_company])
def test_a_name_of_ours_that_is_cited_from_a_document_is_refused(admin_client, create, db):
    party = create(state=EditorialState.DRAFT)
    name = create_citation(party, Fact.NAME_EN, party.name_en, is_chosen=True)
    row = posted(name)
    del row["award_number"]
    form = {"name_en": party.name_en, "name_en_status": "unverified-translation", "change_reason": "Read."}

    response = admin_client.post(
        address(type(party), "change", party.pk), {**form, **formset("citations", row, initial=1)}
    )

    assert "“English name” is our translation, but cited from a document" in response.text
    party.refresh_from_db()
    assert party.name_en_status == "sourced"


@pytest.mark.parametrize("create", [create_institution, create_company, create_tender])
def test_a_record_with_a_choice_without_a_reason_is_not_published(admin_client, create, db):
    record = create(state=EditorialState.DRAFT, region=create_region())
    create_citation(record, Fact.EXISTENCE if create is create_tender else Fact.NAME_EN, "yes")
    for code, is_chosen in (("CN-BJ", True), ("CN-GD", False)):
        create_citation(record, Fact.REGION, code, is_chosen=is_chosen)
    data = {"action": "publish_selected", "_selected_action": [record.pk]}

    response = admin_client.post(address(type(record), "changelist"), data, follow=True)

    assert f"{record.reference} was not published. Please fix:" in response.text
    assert "sources disagree on “Region”, and there is no reason for following" in response.text
    record.refresh_from_db()
    assert record.state == EditorialState.DRAFT


@pytest.mark.parametrize(("kind", "other"), [("news", "editors-translation"), ("common-knowledge", "study")])
def test_a_cited_document_stays_a_document(admin_client, tender, kind, other):
    source = create_source(kind=kind)
    form = {"slug": source.slug, "title": source.title, "kind": other}
    page = address(Source, "change", source.pk)

    create_citation(tender, Fact.CITY, "Hefei", source=source)
    assert "its kind can’t change between document and non-document" in admin_client.post(page, form).text
    Citation.objects.filter(source=source).delete()
    assert admin_client.post(page, form).status_code == 302


# Citing a source for several facts


def keys(source, *facts):
    return [f"{source.pk}:{fact}" for fact in facts]


@pytest.fixture
def notice(db):
    return create_source(language="zh", kind="official-notice")


def test_the_facts_without_a_citation_are_offered_and_what_was_typed_is_kept(admin_client, notice):
    buyer, company = create_institution(name_en="Hefei Data Bureau"), create_company()
    award = {"number": 1, "amount": "500", "amount_qualifier": "exact", "suppliers": [company.reference]}
    form = tender_form(title_zh="某平台", title_zh_status="sourced", buyer=buyer.reference, notes="Typed at length.")
    form |= {**formset("awards", award), "cite_source": notice.slug}

    response = admin_client.post(address(Tender, "add"), form)

    stated = ["0:existence:yes", "0:title_zh:某平台", f"0:institution:{buyer.reference}", "0:year:2019"]
    stated += [f"1:supplier:{company.reference}", "1:award_amount:500"]
    all_keys, ticked = offered(response)
    assert ticked == keys(notice, *stated)
    assert {*all_keys} - {*ticked} == {*keys(notice, "0:title:A platform")}
    for text in ("Not saved yet", "Institution: Hefei Data Bureau", "Award amount of award 1: 500", "Typed at"):
        assert text in response.text
    assert not Tender.objects.exists()
    assert response.text.count('name="cite_offered"') == len(all_keys)


def test_only_what_is_ticked_is_cited(admin_client, notice):
    form = tender_form(cite_source=notice.slug, cite_place="page 1")
    all_keys, _ticked = offered(admin_client.post(address(Tender, "add"), form))
    form |= {"cite_offered": all_keys, "cite_facts": keys(notice, "0:year:2019")}

    response = admin_client.post(address(Tender, "add"), form, follow=True)

    assert "1 fact was cited from" in response.text
    assert list(Tender.objects.get().citations.values_list("fact", "place")) == [("year", "page 1")]


def test_what_changed_since_it_was_offered_is_offered_again_and_ticks_are_kept(admin_client, notice):
    form = tender_form(cite_source=notice.slug)
    all_keys, _ticked = offered(admin_client.post(address(Tender, "add"), form))
    form |= {"cite_offered": all_keys, "cite_facts": keys(notice, "0:year:2019"), "city": "Hefei"}

    response = admin_client.post(address(Tender, "add"), form)

    assert offered(response)[1] == keys(notice, "0:city:Hefei", "0:year:2019")
    assert not Tender.objects.exists()


def test_another_source_is_asked_for_anew(admin_client, notice):
    form = tender_form(cite_source=notice.slug)
    all_keys, ticked = offered(admin_client.post(address(Tender, "add"), form))
    english = create_source(language="en")
    form |= {"cite_offered": all_keys, "cite_facts": ticked, "cite_source": english.slug}

    assert keys(english, "0:title:A platform")[0] in offered(admin_client.post(address(Tender, "add"), form))[1]
    assert not Tender.objects.exists()


def test_the_list_stays_when_the_form_has_an_error(admin_client, notice):
    form = tender_form(cite_source=notice.slug)
    all_keys, _ticked = offered(admin_client.post(address(Tender, "add"), form))
    form |= {"cite_offered": all_keys, "cite_facts": all_keys[:1], "year": ""}

    assert offered(admin_client.post(address(Tender, "add"), form)) == (all_keys, all_keys[:1])


def test_what_is_no_document_is_ticked_for_nothing(admin_client, db):
    form = tender_form(cite_source=create_source(kind="common-knowledge").slug)

    all_keys, ticked = offered(admin_client.post(address(Tender, "add"), form))

    assert (len(all_keys), ticked) == (3, [])
    form |= {"cite_offered": all_keys, "cite_facts": all_keys}
    assert "no document shows that it exists" in admin_client.post(address(Tender, "add"), form).text
    assert not Tender.objects.exists()


NAMES = {
    "name_en": "Some body",
    "name_zh": "某机构",
    "name_zh_status": "sourced",
    "city": "Hefei",
    "change_reason": "Read.",
}


@pytest.mark.parametrize(
    ("model", "fields", "unticked"),
    [
        (Institution, {"kind": "hospital", "level": "central"}, {"kind", "level", "region", "city"}),
        (Company, {"kind": "company", "size": "small"}, {"kind", "region", "city"}),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en", ""])
def test_of_a_party_a_document_is_ticked_for_its_name_in_that_language(
    admin_client, db, model, fields, unticked, language
):
    source, region = create_source(language=language), create_region()
    form = {**NAMES, "name_en_status": "sourced", "region": region.code, **fields, **formset("citations")}

    response = admin_client.post(address(model, "add"), {**form, "cite_source": source.slug})

    all_keys, ticked = ({key.split(":")[2] for key in found} for found in offered(response))
    other_name = "name_zh" if language == "en" else "name"
    assert all_keys - ticked == unticked | {other_name}
    assert {"name", "name_zh"} - {other_name} <= ticked


@pytest.mark.parametrize("model", [Institution, Company])
@pytest.mark.parametrize(
    ("status", "kind"), [("unverified-translation", "editors-translation"), ("common-knowledge", "common-knowledge")]
)
def test_a_name_of_ours_is_not_offered_but_cited_from_its_own_source(admin_client, notice, model, status, kind):
    form = {**NAMES, "city": "", "name_en_status": status, "cite_source": notice.slug, **formset("citations")}

    response = save_and_cite(admin_client, address(model, "add"), form)

    assert response.status_code == 302
    assert dict(model.objects.get().citations.values_list("fact", "source__kind")) == {
        "name": kind,
        "name_zh": "official-notice",
    }


def test_a_public_translation_of_ours_is_corrected_without_naming_a_source(admin_client, tender):
    tender.citations.filter(fact=Fact.TITLE_EN).update(source=create_source(kind="editors-translation"))
    Tender.objects.update(title_en_status="unverified-translation")

    response = save(admin_client, tender, title_en="A better platform", title_en_status="unverified-translation")

    assert response.status_code == 302
    assert tender.citations.get(fact=Fact.TITLE_EN, is_chosen=True).value == "A better platform"


def test_a_corrected_or_described_title_is_not_ticked(admin_client, db):
    source = create_source(language="en")
    for fields in ({"title_en_status": "sourced-corrected"}, {"title_en_status": "", "is_title_descriptive": "on"}):
        form = tender_form(cite_source=source.slug, **fields)
        all_keys, ticked = offered(admin_client.post(address(Tender, "add"), form))
        assert {*all_keys} - {*ticked} == {*keys(source, "0:title:A platform")}


def test_a_fact_that_contradicts_another_source_is_cited_with_the_reason_of_the_change(admin_client, tender):
    Tender.objects.update(state=EditorialState.DRAFT)
    study = create_source()

    refused = save(admin_client, tender, year="2018", cite_source=study.slug, change_reason="")
    saved = save(admin_client, tender, year="2018", cite_source=study.slug, change_reason="It is nearer.")

    assert f"sources disagree on “Year”, and there is no reason for following {study.slug}" in refused.text
    assert saved.status_code == 302
    assert tender.citations.get(fact=Fact.YEAR, is_chosen=True).reason == "It is nearer."


@pytest.mark.parametrize("key", ["", "x", "1:2", "1:0:colour:red", "1:0:year:x", "1:9:region:CN-BJ", "1:0:region:\0"])
def test_what_is_no_key_of_a_fact_is_not_shown(admin_client, db, key):
    response = admin_client.post(address(Tender, "add"), tender_form(year="", cite_offered=[key], cite_facts=[key]))

    assert response.status_code == 200
    assert offered(response) == ([], [])


def test_the_only_citation_of_a_public_fact_is_not_deleted(admin_client, tender):
    response = save(admin_client, tender, changes=[("year", {"DELETE": "on"})])

    assert "“Year” is 2019, but would be left without a source" in response.text
    assert tender.citations.filter(fact=Fact.YEAR).exists()


def test_a_fact_that_was_never_cited_does_not_prevent_other_changes(admin_client, tender):
    tender.citations.get(fact=Fact.YEAR).delete()

    assert save(admin_client, tender, notes="Looked up.").status_code == 302


def test_a_public_tender_needs_a_document_and_gets_no_hidden_party(admin_client, tender):
    buyer = create_institution(state=EditorialState.DRAFT)
    common_knowledge = create_source(kind="common-knowledge")
    create_citation(tender, Fact.INSTITUTION, buyer.reference, source=common_knowledge, is_chosen=True)
    deleted = [(fact, {"DELETE": "on"}) for fact in ("existence", "year", "title")]

    response = save(admin_client, tender, buyer=buyer.reference, changes=deleted)

    assert "needs at least one citation of a document" in response.text
    tender.refresh_from_db()
    assert tender.buyer is None


def test_a_possible_duplicate_has_the_change_in_its_own_history(admin_client, tender):
    other = create_tender(title_en="Another platform")

    save(admin_client, tender, possibly_same_as=[other.reference])

    assert other.history.first().change == tender.history.first().change
    opened = {"_edit_started_at_change": tender.history.first().change_id - 1}
    refused = save(admin_client, other, title_en="Another platform", **opened)
    assert "someone else has saved this record in the meantime" in refused.text
    assert list(other.possibly_same_as.all()) == [tender]
