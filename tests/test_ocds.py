"""The tenders as releases and records of OCDS: structure, figures, and what is not in them."""

import csv
import json
import re
from collections import Counter
from datetime import datetime
from functools import cache

import pytest
from django.test import Client

from tenders import choices
from tenders.choices import EditorialState, Fact
from tenders.models import Award, Company, Institution, Tender
from tenders.models.changes import change_set
from tenders.ocds.attributes import COMPUTED
from tenders.ocds.extension import CODELISTS, FOLDER, VERSION
from tests.factories import create_award, create_citation, create_company, create_institution, create_tender
from tests.ocds_schema import OURS, errors_of
from tests.samples import MODELS, create_full

MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"


def read(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return json.loads(response.getvalue())


@pytest.fixture
def package(all_data):
    """The release package of all shipped tenders, which is made once."""
    return shipped("/ocds/releases.json")


@cache
def shipped(path):
    return read(Client(), path)


# What the attributes map to


@pytest.mark.parametrize("model", MODELS)
def test_every_attribute_has_a_path_and_is_written_there_or_computed(model):
    assert [attribute.name for attribute in model.ATTRIBUTES if not attribute.ocds] == []
    assert set(COMPUTED[model]) <= {attribute.name for attribute in model.ATTRIBUTES}


@pytest.mark.parametrize("model", [Institution, Company])
def test_a_party_of_which_everything_is_known_is_written_whole(client, db, model):
    party = create_full(model)
    tender = create_tender(buyer=party if model is Institution else None)
    if model is Company:
        type(party).institution.field.related_model.objects.update(state=EditorialState.PUBLISHED)
        create_award(tender, party)

    release = read(client, f"/ocds/records/{tender.reference}.json")["records"][0]["releases"][-1]

    for attribute in model.ATTRIBUTES:
        member = {"parties": release["parties"][0]}
        for name in attribute.ocds.split("/"):
            assert name in member, attribute.name
            member = member[name]


def test_a_tender_of_which_everything_is_known_is_written_whole(client, db):
    tender = create_full(Tender)
    create_full(Award, tender=tender)

    package = read(client, f"/ocds/records/{tender.reference}.json")
    release = package["records"][0]["releases"][-1]

    for attribute in (*Tender.ATTRIBUTES, *Award.ATTRIBUTES):
        if attribute.name == "amount_qualifier":  # "exact" is not written, and a bound has another name
            continue
        member = release
        for name in attribute.ocds.split("/"):
            member = member[0] if isinstance(member, list) else member
            assert name in member, attribute.name
            member = member[name]
    assert errors_of("record", package) == []


# Figures


def test_the_figures_of_the_releases_are_those_of_the_download(client, package):
    rows = read(client, "/tenders.json")["results"]
    releases = package["releases"]
    awards = [award for release in releases for award in release.get("awards", [])]
    amounts = [
        (amount, qualifier)
        for row in rows
        for amount, qualifier in zip(row["award_amounts"], row["award_amount_qualifiers"], strict=True)
        if amount is not None and qualifier != "at-least"
    ]

    assert [release["tender"]["id"] for release in releases] == [row["reference"] for row in rows]
    assert [release.get("buyer", {}).get("id") for release in releases] == [row["institution"] for row in rows]
    assert len(awards) == sum(len(row["award_numbers"]) for row in rows)
    assert sorted(award["value"]["amount"] for award in awards if "amount" in award.get("value", {})) == sorted(
        amount for amount, _qualifier in amounts
    )
    assert [release.get("planning", {}).get("budget", {}).get("amount", {}).get("amount") for release in releases] == [
        row["budget_amount"] for row in rows
    ]
    assert [contract["dateSignedPartial"] for release in releases for contract in release.get("contracts", [])] == [
        date for row in rows for date in row["contract_dates"] if date
    ]
    assert [[related["id"] for related in release.get("relatedProcesses", [])] for release in releases] == [
        row["possibly_same_as"] for row in rows
    ]
    assert ["isDisputed" in release["tender"] for release in releases] == [row["disputed"] for row in rows]


def test_the_figures_of_the_shipped_data(article_data, client):
    releases = read(client, "/ocds/releases.json")["releases"]
    awards = [award for release in releases for award in release.get("awards", [])]

    assert Counter("+".join(release["tag"]) for release in releases) == {
        "tender": 29,
        "tender+award": 4,
        "tender+award+contract": 1,
    }
    assert sum("buyer" in release for release in releases) == 31
    assert sum(len(award["suppliers"]) for award in awards) == len(awards) == 5
    assert sum(award["value"]["amount"] for award in awards if "value" in award) == 22_947_000
    assert [contract["dateSigned"] for release in releases for contract in release.get("contracts", [])] == [
        "2019-06-19T23:59:59+08:00"
    ]
    assert not any("date" in award for award in awards)
    assert sum(len(release.get("relatedProcesses", [])) for release in releases) == 8


# Structure


def test_a_package_says_what_holds_for_it(package):
    assert package["uri"] == "http://testserver/ocds/releases.json"
    assert package["version"] == "1.1"
    assert package["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert package["extensions"][0] == f"http://testserver/ocds/extension/{VERSION}/extension.json"
    assert package["publicationPolicy"] == "http://testserver/about/publication-policy/"
    assert package["publisher"] == {"name": "TenderWatch", "uri": "http://testserver/"}
    assert re.fullmatch(MOMENT, package["publishedDate"])


def members(value, path=()):
    """Yield (path, value) of all members of objects."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), inner
            yield from members(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, path)


@pytest.mark.parametrize("path", ["/ocds/releases.json", "/ocds/records.json"])
def test_nothing_is_empty(all_data, path):
    assert [where for where, value in members(shipped(path)) if value in ("", [], {}, None)] == []


@pytest.mark.parametrize("path", ["/ocds/releases.json", "/ocds/records.json"])
def test_packages_are_valid(all_data, path):
    assert errors_of(path[6:].removesuffix("s.json"), shipped(path)) == []


def test_releases_and_their_parts_are_identified(package):
    for release in package["releases"]:
        moment = datetime.fromisoformat(release["date"])
        reference = release["tender"]["id"]
        assert re.fullmatch(MOMENT, release["date"])
        assert release["id"] == f"{reference}-{moment:%Y%m%dT%H%M%S%f}Z"
        assert release["ocid"] == f"ocds-213czf-{reference}"
        parties = {party["id"]: party for party in release.get("parties", [])}
        for name in ("parties", "awards", "contracts", "statements", "unknown", "relatedProcesses"):
            keys = [item["id"] for item in release.get(name, [])]
            assert len(keys) == len(set(keys)), name
        objects = {reference, *parties, *(award["id"] for award in release.get("awards", []))}
        assert {item["objectID"] for name in ("statements", "unknown") for item in release.get(name, [])} <= objects
        named = [release["buyer"]] if "buyer" in release else []
        named += [supplier for award in release.get("awards", []) for supplier in award.get("suppliers", [])]
        assert all(parties[one["id"]]["name"] == one["name"] for one in named)
        assert {contract["awardID"] for contract in release.get("contracts", [])} <= objects
        sources = {statement["source"] for statement in release["statements"]}
        documents = {document["id"] for document in release["tender"]["documents"]}
        assert sources - documents <= {"common-knowledge", "editors-translation"}


def test_a_field_is_known_or_named_as_unknown_with_the_sources_that_disagree(client, db):
    tender = create_tender()
    for value in ("2019-05", "2019-06"):
        create_citation(tender, Fact.NOTICE_DATE, value)

    release = read(client, "/ocds/releases.json")["releases"][0]

    unknown = {item["field"]: item for item in release["unknown"]}
    assert unknown["tender/noticeDate"]["isDisputed"]
    assert "isDisputed" not in unknown["tender/status"]
    assert release["tender"]["isDisputed"]
    assert {item["value"] for item in release["statements"]} == {"2019-05", "2019-06"}


@pytest.mark.parametrize(
    ("qualifier", "value"),
    [
        ("exact", {"amount": 9999999999999.99, "currency": "CNY"}),
        ("about", {"amount": 9999999999999.99, "currency": "CNY", "amountQualifier": "about"}),
        ("at-least", {"amountAtLeast": 9999999999999.99, "currency": "CNY"}),
    ],
)
def test_a_bound_is_no_amount_and_amounts_are_written_digit_by_digit(client, db, qualifier, value):
    tender = create_tender()
    create_award(tender, create_company(), amount="9999999999999.99", amount_qualifier=qualifier)

    text = client.get("/ocds/releases.json").getvalue().decode()

    assert json.loads(text)["releases"][0]["awards"][0]["value"] == value
    assert "9999999999999.99" in text


def test_the_title_is_the_chinese_one_where_there_is_no_other(client, db):
    create_tender(title_zh="区块链平台", title_zh_status="sourced")

    release = read(client, "/ocds/releases.json")["releases"][0]

    assert (release["language"], release["tender"]["title"]) == ("zh", "区块链平台")


# Addresses


@pytest.mark.parametrize("query", ["", "year=2019", "amount=known&sort=-amount", "disputed=yes"])
def test_a_package_has_the_tenders_of_the_list_in_its_order(client, article_data, query):
    expected = [row["reference"] for row in read(client, f"/tenders.json?{query}")["results"]]

    releases = read(client, f"/ocds/releases.json?{query}")["releases"]
    records = read(client, f"/ocds/records.json?{query}")["records"]
    lines = client.get(f"/ocds/releases.jsonl?{query}").getvalue().decode().splitlines()

    assert [release["tender"]["id"] for release in releases] == expected
    assert [record["releases"] for record in records] == [[release] for release in releases]
    assert [json.loads(line)["releases"][0] for line in lines] == releases


@pytest.mark.parametrize("member", ["releases", "records"])
def test_pages_of_a_list_give_the_whole_list(client, article_data, member):
    address, found = f"/ocds/{member}.json?year=2019&limit=7", []
    while address:
        response = client.get(address)
        assert errors_of(member.removesuffix("s"), response.json()) == []
        found += response.json()[member]
        following = re.search('<http://testserver([^>]+)>; rel="next"', response["Link"])
        address = following and following[1]

    assert found == read(client, f"/ocds/{member}.json?year=2019")[member]


def test_a_record_and_a_release_have_addresses(client, article_data):
    release = read(client, "/ocds/releases.json")["releases"][0]

    found = read(client, f"/ocds/releases/{release['id']}.json")
    record = read(client, f"/ocds/records/{release['tender']['id']}.json")["records"][0]

    assert found["releases"] == record["releases"] == [release]
    assert found["uri"].endswith(f"/ocds/releases/{release['id']}.json")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/ocds/releases.json?yaer=2019", 400),
        ("/ocds/releases.json?year=x", 400),
        ("/ocds/records/TW-000000.json", 404),
        ("/ocds/records/TW-N9GRJT.json?year=2019", 400),
        ("/ocds/releases/TW-N9GRJT-20200101T000000000000Z.json", 404),
        ("/ocds/releases/TW-N9GRJT.json", 404),
        ("/ocds/extension/1.0/../../series.py", 404),
        ("/ocds/extension/2.0/extension.json", 404),
    ],
)
def test_what_is_not_there_is_an_error_that_programs_can_read(client, article_data, address, status):
    response = client.get(address)

    assert response.status_code == status
    if ".json" in address.partition("?")[0]:
        assert response["Content-Type"] == "application/problem+json"


def test_what_is_hidden_is_in_no_release(client, db):
    with change_set("added"):
        buyer, winner = create_institution(name_en="Walrus Office"), create_company(name_en="Walrus Ltd")
        other = create_tender(title_en="A walrus platform")
        tender = create_tender(buyer=buyer)
        tender.possibly_same_as.add(other)
        award = create_award(tender, winner)
        create_citation(tender, Fact.INSTITUTION, buyer.reference)
        create_citation(tender, Fact.SUPPLIER, winner.reference, award=award)
        create_citation(winner, Fact.NAME_EN, "Walrus Ltd", stated="Walrus")
    shown = read(client, f"/ocds/records/{tender.reference}.json")
    assert {buyer.reference, winner.reference, other.reference} <= set(re.findall(r"\w+-\w{6}\b", json.dumps(shown)))

    for record in (buyer, winner, other):
        with change_set("withdrawn"):
            record.state = EditorialState.WITHDRAWN
            record.save()

    text = client.get(f"/ocds/records/{tender.reference}.json").text
    lists = [client.get(f"/ocds/{name}.json").getvalue().decode() for name in ("releases", "records")]
    for hidden in (buyer.reference, winner.reference, other.reference, "alrus"):
        assert hidden not in text
        assert not any(hidden in found for found in lists)
    assert client.get(f"/ocds/records/{other.reference}.json").status_code == 410


def test_two_lists_are_written_at_once_and_a_third_is_asked_to_wait(client, article_data):
    first, second = (client.get("/ocds/records.json") for _ in range(2))

    third = client.get("/ocds/releases.json")
    first.getvalue()  # read to its end
    fourth = client.get("/ocds/releases.json")

    assert (second.status_code, third.status_code, fourth.status_code) == (200, 503, 200)
    assert int(third["Retry-After"]) > 0
    second.getvalue()
    fourth.getvalue()


# The extension


def test_the_extension_names_its_files_which_are_served(client, db):
    described = read(client, f"/ocds/extension/{VERSION}/extension.json")

    for name in [*described["schemas"], *(f"codelists/{name}" for name in described["codelists"])]:
        assert client.get(f"/ocds/extension/{VERSION}/{name}").status_code == 200
    assert client.get(described["documentationUrl"]["en"].removeprefix("http://testserver")).status_code == 200


CODES = {
    "nameStatus.csv": choices.NameStatus.values,
    "categoryBasis.csv": choices.CategoryBasis.values,
    "certainty.csv": choices.Certainty.values,
    "amountQualifier.csv": [choices.AmountQualifier.ABOUT],
}


def test_the_codelists_have_our_codes():
    for name in CODELISTS:
        rows = list(csv.DictReader((FOLDER / VERSION / "codelists" / name).read_text().splitlines()))
        assert [row["Code"] for row in rows] == CODES.get(name, [row["Code"] for row in rows])
        assert all(row["Title"] and row["Description"] for row in rows)
    enums = {
        field["codelist"]: field["enum"]
        for _path, field in members(OURS)
        if isinstance(field, dict) and "codelist" in field
    }
    assert enums == {name: [*codes, None] for name, codes in CODES.items()}


def test_the_policy_says_whether_the_prefix_is_registered(client, db, settings):
    assert "registered none" in client.get("/about/publication-policy/").text

    settings.OCDS_PREFIX = "ocds-a1b2c3"
    text = client.get("/about/publication-policy/").text

    assert "registered none" not in text
    assert "ocds-a1b2c3" in text
