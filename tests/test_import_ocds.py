"""Packages of OCDS as imports of tenders: what is read and where it is cited from, what is refused, what left out."""

import json
import socket
import sys
from contextlib import suppress
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.choices import Fact, SourceKind
from tenders.imports.classifying import RowStatus
from tenders.imports.ocds import OcdsTable
from tenders.imports.plans import Planner
from tenders.imports.readers import Unreadable
from tenders.models import Citation, Company, Source, Tender
from tests.factories import create_company, create_region, create_source
from tests.test_admin_imports import confirm, editor, upload  # noqa: F401 a fixture

URI = "https://data.example/ocds/1.json"
PACKAGE = {"uri": URI, "version": "1.1", "publishedDate": "2020-01-02T00:00:00Z", "publisher": {"name": "Data Office"}}
CODE = "91440300708461136T"


@pytest.fixture
def guangdong(db):
    return create_region("CN-GD", name_en="Guangdong", name_zh="广东")


def release(ocid="ocds-abc123-1", **members):
    """Return a release as publishers of OCDS 1.1 write one."""
    return {
        "ocid": ocid,
        "id": f"{ocid}-1",
        "date": "2019-03-04T08:00:00Z",
        "tag": ["tender", "award"],
        "initiationType": "tender",
        "parties": [
            {
                "id": "B1",
                "name": "深圳市大数据局",
                "roles": ["buyer"],
                "address": {"region": "Guangdong", "locality": "Shenzhen", "countryName": "China"},
            },
            {
                "id": "S1",
                "name": "腾讯云计算有限公司",
                "roles": ["supplier", "tenderer"],
                "identifier": {"scheme": "CN-USCI", "id": CODE},
            },
        ],
        "buyer": {"id": "B1", "name": "深圳市大数据局"},
        "planning": {"budget": {"amount": {"amount": 1200000.00, "currency": "CNY"}}},
        "tender": {
            "id": "T-1",
            "title": f"区块链平台项目 {ocid}",
            "status": "complete",
            "procurementMethod": "open",
            "tenderPeriod": {"startDate": "2018-12-31T20:00:00Z", "endDate": "2019-02-01T00:00:00Z"},
            "items": [{"id": "1", "description": "A platform"}],
        },
        "awards": [
            {
                "id": "A1",
                "status": "active",
                "date": "2019-02-10T00:00:00Z",
                "value": {"amount": 899500, "currency": "CNY"},
                "suppliers": [{"id": "S1", "name": "腾讯云计算有限公司"}],
            }
        ],
        "contracts": [
            {
                "id": "C1",
                "awardID": "A1",
                "dateSigned": "2019-02-20T00:00:00Z",
                "value": {"amount": 1, "currency": "CNY"},
            }
        ],
        **members,
    }


def old_release(ocid="ocds-abc123-old"):
    """Return a release as publishers of OCDS 1.0 write one: organizations stand where they are named."""
    buyer = {"name": "贵阳市政府", "identifier": {"scheme": "CN-USCI", "id": "115201000093902198"}}
    award = {
        "id": 1,
        "value": {"amount": 5, "currency": "CNY"},
        "suppliers": [{"name": "某公司"}, {"name": "Another Ltd"}],
    }
    tender = {"id": 7, "title": "Blockchain for Guiyang", "status": "complete", "procuringEntity": {"name": "Agency"}}
    return {
        "ocid": ocid,
        "id": "1",
        "date": "2017-05-06T00:00:00Z",
        "buyer": buyer,
        "tender": tender,
        "awards": [award],
    }


def package(*releases, **members):
    return json.dumps({**PACKAGE, **members, "releases": list(releases)}, ensure_ascii=False).encode()


def records(*records):
    return json.dumps({**PACKAGE, "records": list(records)}, ensure_ascii=False).encode()


def lines(*documents):
    return b"\n".join(documents) + b"\n"


def plan_of(data, source=None):
    """Return the table of a file, its plan and the plans of its rows."""
    table, rows = OcdsTable(BytesIO(data), source), []
    return table, Planner(table, source).check(rows.append), rows


def import_ocds(tmp_path, data, *options):
    """Import a file; return what the command says."""
    path, out = tmp_path / "package.json", StringIO()
    path.write_bytes(data)
    try:
        call_command("import_ocds", str(path), *options, stdout=out)
    except CommandError as error:
        raise CommandError(f"{out.getvalue()} {error}") from None
    return out.getvalue()


def value_at(data, place):
    """Return what stands at the place of a citation in a file."""
    _ocid, *line, pointer = place.split(" ")
    document = json.loads(data.splitlines()[int(line[0][1:]) - 1] if line else data, parse_float=str, parse_int=str)
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def in_several_forms():
    later = release(
        tag=["awardUpdate"],
        date="2019-06-01T00:00:00Z",
        awards=[{"id": "A1", "value": {"amount": 7, "currency": "CNY"}}],
    )
    for name in ("parties", "buyer", "planning", "tender", "contracts"):
        del later[name]
    return {
        "release package": package(release(), old_release()),
        "record with compiled release": records({"ocid": "ocds-abc123-1", "compiledRelease": release()}),
        "record with releases": records({"ocid": "ocds-abc123-1", "releases": [later, release()]}),
        "releases of a process": package(later, release("ocds-abc123-2"), release()),
        "JSON lines of packages": lines(package(release()), package(old_release())),
        "list of packages": b"[" + package(release()) + b"]",
    }


FORMS = in_several_forms()


@pytest.mark.parametrize("form", FORMS)
def test_every_fact_is_cited_with_its_place_and_the_value_that_stands_there(guangdong, tmp_path, form):
    data = FORMS[form]
    if form == "list of packages":
        create_source(slug="given", kind=SourceKind.OPEN_DATA)

    import_ocds(tmp_path, data, *(["--source", "given"] if form == "list of packages" else []))

    citations = Citation.objects.select_related("source")
    assert {citation.source.kind for citation in citations} == {SourceKind.OPEN_DATA}
    assert [(citation.fact, citation.value) for citation in citations if not citation.place] == []
    for citation in citations:
        found = value_at(data, citation.place)
        stated = "; ".join(one["name"] for one in found) if isinstance(found, list) else found
        assert citation.stated == stated, (citation.fact, citation.place)
        citation.full_clean()
    for record in (*Tender.objects.all(), *Company.objects.all()):
        facts = {citation.fact for citation in record.citations.filter(award=None)}
        assert facts - {Fact.EXISTENCE} == set(record.known_facts()) - {Fact.EXISTENCE}
    for tender in Tender.objects.all():
        for award in tender.awards.all():
            assert {citation.fact for citation in award.citations.all()} >= set(award.known_facts()) - {Fact.IS_JOINT}


def test_what_is_read_of_a_release(guangdong, tmp_path):
    said = import_ocds(tmp_path, package(release()))

    (tender,) = Tender.objects.all()
    (award,) = tender.awards.all()
    (company,) = award.suppliers.all()
    assert (tender.state, tender.year, tender.title_zh, tender.status) == (
        "draft",
        2019,  # in China
        "区块链平台项目 ocds-abc123-1",
        "complete",
    )
    assert (tender.budget_amount, tender.procurement_method, tender.buyer.name_zh) == (
        1200000,
        "open",
        "深圳市大数据局",
    )
    assert (tender.buyer.region.code, tender.certainty) == ("CN-GD", "medium")
    assert (award.amount, award.amount_qualifier, award.award_date) == (899500, "exact", "2019-02-10")
    assert (award.contract_date, award.status) == ("2019-02-20", "active")
    assert (company.name_zh, company.credit_code) == ("腾讯云计算有限公司", CODE)
    left_out = "parties/address/locality, tender/tenderPeriod/endDate, tender/items, contracts/value"
    assert f"ocds-abc123-1: no place for {left_out}" in said


def test_organizations_of_1_0_stand_where_they_are_named(guangdong, tmp_path):
    said = import_ocds(tmp_path, package(old_release()))

    (tender,) = Tender.objects.all()
    (award,) = tender.awards.all()
    assert (tender.year, tender.title_en, tender.buyer.name_zh) == (2017, "Blockchain for Guiyang", "贵阳市政府")
    assert tender.buyer.credit_code == "115201000093902198"
    assert {company.name for company in award.suppliers.all()} == {"某公司", "Another Ltd"}
    (year,) = tender.citations.filter(fact=Fact.YEAR)
    assert (year.stated, year.place) == ("2017-05-06T00:00:00Z", "ocds-abc123-old /releases/0/date")
    assert "ocds-abc123-old: no place for tender/procuringEntity" in said


def test_a_second_import_changes_nothing_and_a_later_release_changes_the_tender(guangdong, tmp_path):
    data = package(release(), old_release())
    import_ocds(tmp_path, data)
    before = Citation.objects.count()

    assert "0 new, 0 changed" in import_ocds(tmp_path, data)
    assert Citation.objects.count() == before
    later = release(date="2019-09-09T00:00:00Z")
    later["awards"][0]["value"]["amount"] = 910000
    said = import_ocds(tmp_path, package(release(), later))

    assert "0 new, 1 changed" in said
    tender = Tender.objects.get(title_zh__contains="ocds-abc123-1")
    statements = tender.awards.get().citations.filter(fact=Fact.AWARD_AMOUNT).order_by("is_chosen")
    assert [(one.value, one.place) for one in statements] == [
        ("899500", "ocds-abc123-1 /releases/0/awards/0/value/amount"),
        ("910000", "ocds-abc123-1 /releases/1/awards/0/value/amount"),
    ]
    assert Source.objects.filter(kind=SourceKind.OPEN_DATA).count() == 1


def test_a_known_company_is_found_by_its_code_or_its_name(guangdong, tmp_path):
    company = create_company(name_en="Tencent Cloud", credit_code=CODE)

    import_ocds(tmp_path, package(release()))

    assert Tender.objects.get().awards.get().suppliers.get() == company


def changed(path, value):
    """Return a package of which one member has another value."""
    found = release()
    *steps, last = path.split("/")
    target = found
    for step in steps:
        target = target[int(step) if step.isdecimal() else step]
    target[int(last) if last.isdecimal() else last] = value
    return package(found)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            changed("awards/0/value/amount", "899,500"),
            "(ocds-abc123-1 /releases/0/awards/0/value/amount): “899,500” Write the amount as a number",
        ),
        (changed("planning/budget/amount/amount", "12"), "(ocds-abc123-1 /releases/0/planning/budget/amount/amount)"),
        (changed("awards/0/value/currency", "USD"), "(ocds-abc123-1 /releases/0/awards/0/value/currency): “USD”"),
        (changed("awards/0/value", {"amount": 5}), "must be in yuan"),
        (changed("awards/0/value/amount", -5), "/releases/0/awards/0/value/amount"),
        (changed("parties/0/address/countryName", "Canada"), "/releases/0/parties/0/address/countryName): “Canada”"),
        (changed("parties/0/address", {"region": "Ontario"}), "/releases/0/parties/0/address/region): “Ontario”"),
        (package({**old_release(), "date": None}), "the year of a tender must be known"),
        (package({**release(), "ocid": 5}), "/releases/0/ocid"),
        (package({**release(), "ocid": ""}), "/releases/0/ocid"),
        (package(release(), 5), "none at /releases/1"),
        (package(release(), {**release(), "date": None}), "Write the date of each release of ocds-abc123-1"),
        (package(release(), release(date="2020-01-01", tender=[{"id": "1"}])), "Correct the releases of ocds-abc123-1"),
        (json.dumps({**PACKAGE, "releases": {}}).encode(), "Write a list at /releases"),
        (records({"ocid": "x", "releases": [{"url": "https://x.example"}]}), "only has links"),
        (b'{"a": 1}', "Use an OCDS release package"),
        (b"5", "Use an OCDS release package"),
        (b"", "line 1, character 1"),
        (package(release())[:-40], "Correct the JSON"),
        (lines(package(release()), b'{"a": '), "line 2"),
        (b'{"releases": [NaN]}', "Correct the JSON"),
        (b'{"ocid": "\\ud800"}', "Correct the JSON"),
        (b"[" * 100_000, "more than 50 deep"),
        (b"[" * 60 + b"]" * 60, "more than 50 deep"),
        (b"\xff\xfe{", "Save the file as UTF-8"),
        (b"{\xff}", "Save the file as UTF-8"),
        (package(release(), uri=""), "has no “uri”"),
        (package(release(), uri="https://intranet/1.json"), "has no “uri”"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(guangdong, tmp_path, data, words):
    out = StringIO()
    path = tmp_path / "package.json"
    path.write_bytes(data)

    with pytest.raises(CommandError) as error:
        call_command("import_ocds", str(path), stdout=out)

    assert words in f"{out.getvalue()} {error.value}"
    assert not Tender.objects.exists()


@pytest.mark.parametrize("amount", ["1e999999999", "-1e-999999999", "0e99999999"])
def test_no_amount_fills_the_memory(guangdong, amount):
    data = package(release()).replace(b"899500", amount.encode())

    _table, plan, (row,) = plan_of(data)

    assert plan.counts[RowStatus.ERROR] == 1
    assert "15 digits" in row.problems[0].message


def test_a_code_or_a_date_that_is_none_here_is_left_out(guangdong):
    data = package(
        release(tender={"title": "区块链", "status": "Adjudicada", "procurementMethod": "Licitación pública"})
    )

    table, plan, _rows = plan_of(data)

    assert not plan.is_wrong
    assert {"tender/status", "tender/procurementMethod"} <= set(table.left_out["ocds-abc123-1"])


def test_suppliers_of_whom_one_has_no_name_are_left_out(guangdong):
    wild = release()
    wild["awards"][0]["suppliers"].append({"id": "S9"})
    inline = old_release()
    inline["awards"][0]["suppliers"][0]["contactPoint"] = {"email": "a@b.example"}

    table, plan, (row, _other) = plan_of(package(wild, inline))

    assert not plan.is_wrong
    assert "award_companies" not in row.parsed.awards
    assert "awards/suppliers" in table.left_out["ocds-abc123-1"]
    assert "awards/suppliers/contactPoint" in table.left_out["ocds-abc123-old"]


def test_merging_asks_no_other_site(guangdong, monkeypatch):
    def connect(*args):
        raise AssertionError(args)

    monkeypatch.setattr(socket.socket, "connect", connect)

    _table, plan, _rows = plan_of(FORMS["releases of a process"])

    assert plan.num_rows == 2


def test_releases_are_merged_by_an_extra_that_may_be_missing(guangdong, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ocdsmerge", None)

    assert "1 new" in import_ocds(tmp_path, package(release()))
    with pytest.raises(CommandError, match="Install ocdsmerge"):
        import_ocds(tmp_path, package(release(), release(date="2020-01-01")))


def test_an_editor_sees_what_a_package_would_do_and_confirms_just_that(client, editor, guangdong):  # noqa: F811
    preview = upload(client, package(release(), old_release()), name="package.json")

    assert "Facts are cited from the package: https://data.example/ocds/1.json" in preview.text
    assert "No source given" not in preview.text
    assert "2 processes say something that has no place here" in preview.text
    assert "ocds-abc123-1: parties/address/locality, tender/tenderPeriod/endDate" in preview.text
    assert not Tender.objects.exists()

    confirm(client, preview)

    assert {tender.state for tender in Tender.objects.all()} == {"draft"}
    assert not Citation.objects.filter(place="").exists()
    assert Source.objects.get(url=URI).title == "[OCDS package of Data Office]"


def test_an_editor_reads_why_a_package_is_refused(client, editor, guangdong):  # noqa: F811
    in_dollars = upload(client, changed("awards/0/value/currency", "USD"), name="package.json")
    broken = upload(client, package(release())[:-9], name="package.json")
    many = upload(client, package(*(release(f"ocds-abc123-{n}") for n in range(2_001))), name="package.json")

    assert "ocds-abc123-1 /releases/0/awards/0/value/currency" in in_dollars.text
    assert 'value="Import"' not in in_dollars.text
    assert "Correct the JSON" in broken.text
    assert "2001 rows" in many.text.replace(",", "")


def own_package(client, path):
    """Return a download of ours, as of a site that has an address on the web."""
    return b"".join(client.get(path).streaming_content).replace(b"http://testserver", b"https://tenders.example")


@pytest.mark.parametrize("path", ["/ocds/releases.json", "/ocds/records.json", "/ocds/releases.jsonl"])
def test_our_own_packages_come_back_whole(client, all_data, path):
    _table, plan, rows = plan_of(own_package(client, path))

    assert {row.number: (row.problems, row.differences) for row in rows if row.status != RowStatus.SAME} == {}
    assert plan.counts == {RowStatus.SAME: Tender.objects.published().count()}


def translated_names():
    return set(Company.objects.filter(name_en_status="unverified-translation").values_list("name_en", flat=True))


def test_our_own_packages_fill_an_empty_site(client, tender_data, tmp_path):
    expected = json.loads(client.get("/tenders.json?sort=reference").getvalue())["results"]
    data, unsourced = own_package(client, "/ocds/releases.json"), translated_names()
    for model in (Citation, Tender, Company):
        model.objects.all().delete()

    said = import_ocds(tmp_path, data, "--accept-duplicates", "all")

    assert f"{len(expected)} new" in said
    for model in (Tender, Company, Tender._meta.get_field("buyer").related_model):
        model.objects.update(state="published")
    found = json.loads(client.get("/tenders.json?sort=reference").getvalue())["results"]
    for row in (*found, *expected):  # what other sources state is not brought along
        del row["disputed"]
    assert found == expected
    assert translated_names() == unsourced != set()


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_a_release_holds_is_read_or_refused(guangdong, data):
    values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    wild = st.recursive(
        values,
        lambda some: st.lists(some, max_size=2) | st.dictionaries(st.text(max_size=3), some, max_size=2),
        max_leaves=4,
    )
    found, targets = release(), []

    def collect(value):
        for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
            targets.append((value, step))
            collect(value[step])

    collect(found)
    for value, step in data.draw(st.lists(st.sampled_from(targets), min_size=1, max_size=3)):
        value[step] = data.draw(wild)
    with suppress(Unreadable):
        plan_of(package(found))
