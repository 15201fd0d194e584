"""The reconciliation service: names of others matched with institutions and companies."""

import json
from contextlib import suppress

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from tenders.models import Company, Institution, RedirectedReference
from tenders.reconciliation import queries as reading
from tenders.reconciliation.queries import MAX_LENGTH, MAX_QUERIES, MAX_RECORDS
from tenders.reconciliation.types import PROPERTIES
from tests.factories import create_company, create_institution

ORIGIN = {"origin": "https://tables.example"}
CODE = "91440300708461136T"


@pytest.fixture
def company(db):
    return create_company(
        state="published",
        name_en="Tencent Cloud Computing (Beijing) Co., Ltd.",
        name_zh="腾讯云计算（北京）有限责任公司",
        name_zh_status="sourced",
        aliases_en="Tencent Cloud\nTC Beijing",
        credit_code=CODE,
    )


def ask(client, **queries):
    response = client.post("/reconcile", {"queries": json.dumps(queries)}, headers=ORIGIN)
    assert response.status_code == 200, response.text
    return {key: answer["result"] for key, answer in response.json().items()}


def error_of(response, status=400):
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response["Access-Control-Allow-Origin"] == "*"
    return response.json()["detail"]


def test_the_service_says_what_it_is_and_where(client, db):
    response = client.get("/reconcile", headers=ORIGIN)

    manifest = response.json()
    assert response["Access-Control-Allow-Origin"] == "*"
    assert manifest["versions"] == ["0.2"]
    assert manifest["identifierSpace"] == "http://testserver/reconcile/"
    assert [one["id"] for one in manifest["defaultTypes"]] == ["institution", "company"]
    for place in (manifest["view"], manifest["preview"]):
        assert place["url"].count("{{id}}") == 1
    for part in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        assert client.get(part["service_url"] + part["service_path"]).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "Tencent Cloud Computing (Beijing) Co., Ltd.",
        "tencent cloud computing (BEIJING) co., ltd.",
        "腾讯云计算(北京)有限责任公司",
        "騰訊雲計算（北京）有限責任公司",
        "TC Beijing",
        CODE,
        CODE.lower(),
    ],
)
def test_a_name_an_alias_or_a_code_is_a_match(client, company, text):
    create_company(
        state="published",
        name_en="Hangzhou Qulian Technology Co., Ltd.",
        name_zh="杭州趣链科技有限公司",
        name_zh_status="sourced",
    )

    (found,) = ask(client, q0={"query": text})["q0"]

    assert (found["id"], found["score"], found["match"]) == (company.reference, 100, True)
    assert found["type"] == [{"id": "company", "name": "Company"}]


def test_pinyin_and_a_part_of_a_name_are_no_certain_match(client, company):
    answers = ask(client, pinyin={"query": "tengxunyunjisuan"}, part={"query": "腾讯云"}, none={"query": "Huawei"})

    for key in ("pinyin", "part"):
        (found,) = answers[key]
        assert (found["id"], found["match"]) == (company.reference, False)
        assert 0 < found["score"] < 100
    assert answers["none"] == []


def test_two_records_of_one_name_are_both_shown_and_neither_matches(client, company):
    twin = create_institution(state="published", name_en=company.name_en)

    both = ask(client, q={"query": company.name_en})["q"]
    one = ask(client, q={"query": company.name_en, "type": "institution"})["q"]

    assert {(found["id"], found["match"]) for found in both} == {(company.reference, False), (twin.reference, False)}
    assert [(found["id"], found["match"]) for found in one] == [(twin.reference, True)]


def test_another_value_of_a_property_is_no_match(client, company):
    company.founded_year = 2010
    company.save()

    def query(year):
        return {
            "query": company.name_zh,
            "properties": [{"pid": "founded_year", "v": year}, {"pid": "level", "v": "x"}],
        }

    answers = ask(client, same=query(2010), other=query("2011"))

    assert [(one["match"], one["features"]) for one in answers["same"]] == [
        (True, [{"id": "founded_year", "value": True}])
    ]
    assert [(one["match"], one["score"]) for one in answers["other"]] == [(False, 80)]


def test_a_reference_that_was_merged_stands_for_the_record_it_was_merged_into(client, company):
    RedirectedReference.objects.create(reference="C-000000", redirects_to=company.reference, is_public=True)

    (found,) = ask(client, q={"query": "c-000000"})["q"]
    extended = client.get("/reconcile", {"extend": extension(["C-000000"], "credit_code")}).json()

    assert (found["id"], found["match"]) == (company.reference, True)
    assert extended["rows"] == {"C-000000": {"credit_code": [{"str": CODE}]}}
    assert company.name_en in client.get("/reconcile/preview?id=C-000000").text.replace("&amp;", "&")


def extension(ids, *names):
    return json.dumps({"ids": ids, "properties": [{"id": name} for name in names]})


def test_a_table_is_extended_with_the_columns_of_the_downloads(client, article_data):
    records = [*Institution.objects.published()[:20], *Company.objects.published()[:20]]
    ids = [record.reference for record in records]

    answer = client.post("/reconcile/extend", {"extend": extension(ids, *PROPERTIES)}).json()

    assert [one["id"] for one in answer["meta"]] == list(PROPERTIES)
    assert list(answer["rows"]) == ids
    for name, path in (("I", "institutions"), ("C", "companies")):
        rows = {row["reference"]: row for row in json.loads(client.get(f"/{path}.json").getvalue())["results"]}
        for reference in (reference for reference in ids if reference.startswith(name)):
            for column, values in answer["rows"][reference].items():
                shown = rows[reference].get(column)
                expected = [] if shown in (None, "", []) else shown if isinstance(shown, list) else [shown]
                expected = [{True: "yes", False: "no"}[one] if isinstance(one, bool) else one for one in expected]
                assert [next(iter(value.values())) for value in values] == expected, column
    assert [one["id"] for one in client.get("/reconcile/extend?type=company&limit=2").json()["properties"]] == [
        "name_en",
        "name_en_status",
    ]


def test_records_are_suggested_while_one_types(client, company):
    (found,) = client.get("/reconcile/suggest", {"prefix": "tengxun"}).json()["result"]

    assert (found["id"], found["notable"]) == (company.reference, [{"id": "company", "name": "Company"}])
    assert client.get("/reconcile/suggest?prefix=tencent&type=institution").json()["result"] == []
    assert client.get("/reconcile/suggest").json()["result"] == []
    assert [one["id"] for one in client.get("/reconcile/suggest/types?prefix=comp").json()["result"]] == ["company"]
    assert "credit_code" in [
        one["id"] for one in client.get("/reconcile/suggest/properties?prefix=cred").json()["result"]
    ]


def test_what_is_not_public_is_not_there(client, company):
    paths = [f"/reconcile/preview?id={company.reference}", f"/reconcile/suggest?prefix={company.name_zh}"]
    paths += [f"/reconcile?extend={extension([company.reference], 'name_en')}"]

    for state in ("draft", "in_review", "withdrawn"):
        Company.objects.update(state=state)
        cache.clear()
        for text in (company.name_en, company.name_zh, CODE, company.reference, "tengxun"):
            assert ask(client, q={"query": text})["q"] == []
        for path in paths:
            assert not {company.name_en, CODE} & set(client.get(path).text.split('"'))
        assert client.get(paths[0]).status_code == 404
        assert client.get("/reconcile?extend=" + extension([company.reference], "name_en")).json()["rows"] == {
            company.reference: {"name_en": []}
        }


def test_an_address_by_reference_leads_to_the_page(client, company):
    assert client.get(f"/reconcile/{company.reference}")["Location"] == company.get_absolute_url()
    assert client.get("/reconcile/TW-000000").status_code == 404


def test_a_preview_may_be_shown_by_other_sites(client, company):
    for prefix in ("", "/zh-hans"):
        response = client.get(f"{prefix}/reconcile/preview?id={company.reference}")

        assert response.status_code == 200
        assert "frame-ancestors *" in response["Content-Security-Policy"]
        assert "X-Frame-Options" not in response
        assert company.name_zh in response.text


def test_the_service_needs_no_token_of_a_form(client, company):
    client.handler.enforce_csrf_checks = True

    assert ask(client, q={"query": company.name_en})["q"][0]["match"]
    assert client.options("/reconcile", headers=ORIGIN)["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    assert client.delete("/reconcile").status_code == client.post("/reconcile/suggest").status_code == 405


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"queries": "{"}, "Write JSON"),
        ({"queries": "[" * 60_000}, "Write JSON"),
        ({"queries": '{"q": {"query": "\\ud800"}}'}, "Write JSON"),
        ({"queries": '{"q": {"query": NaN}}'}, "Write JSON"),
        ({"queries": "[]"}, "under each key"),
        ({"queries": '{"q": 1}'}, "queries.q: Write an object"),
        ({"queries": json.dumps({"q": {"query": "x" * (MAX_LENGTH + 1)}})}, "at most 200 characters"),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(MAX_QUERIES + 1)})}, "at most 50 queries"),
        ({"queries": '{"q": {"query": "x", "type": "compny"}}'}, "Did you mean “company”?"),
        ({"queries": '{"q": {"query": "x", "limit": 0}}'}, "from 1 to 50"),
        ({"queries": '{"q": {"query": "x", "properties": [{"pid": "creditcode", "v": "1"}]}}'}, "“credit_code”"),
        ({"queries": '{"q": {"query": "x", "properties": [{"pid": "kind", "v": null}]}}'}, "Write a text"),
        ({"query": "x"}, "Did you mean “queries”?"),
        ({"callback": "f"}, "no such parameter"),
        ({"queries": "{}", "extend": "{}"}, "not both"),
        ({}, "Send “queries” or “extend”"),
        ({"extend": "{}"}, "extend.ids: Write a list"),
        ({"extend": extension(["C-000000"] * (MAX_RECORDS + 1))}, "at most 100 records"),
        ({"extend": extension(["C-000000"], "nmae_en")}, "Did you mean “name_en”?"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client, db, asked, words):
    assert words in error_of(client.post("/reconcile", asked, headers=ORIGIN))


def test_too_much_at_a_time_is_refused_in_words(client, db):
    assert "64 kB" in error_of(client.post("/reconcile", {"queries": "x" * 64_001}, headers=ORIGIN), 413)
    for address in ("suggest?cursor=-1", "suggest?cursor=x", "extend?limit=9999", "extend?type=x", "suggest?x=1"):
        error_of(client.get(f"/reconcile/{address}", headers=ORIGIN))


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NAMED = st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "ids", "id"])
WILD = st.recursive(
    SIMPLE, lambda some: st.lists(some, max_size=3) | st.dictionaries(NAMED | st.text(), some, max_size=4)
)


@given(wild=WILD)
def test_whatever_is_sent_is_read_or_refused(wild):
    for read in (reading.read_queries, reading.read_extension):
        for text in (json.dumps(wild), json.dumps({"q": wild})):
            with suppress(reading.QueryError):
                read(text)
