"""What a row of a list shows: names of tenders, chosen columns, marks; the groups of filters beside it."""

import csv
import re

import pytest
from django.conf import settings
from django.utils.translation import override

from tenders.facets import Group
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Award, Tender
from tenders.parameters import FlagFilter
from tenders.tables import CompanyTable, InstitutionTable, TenderTable
from tenders.views.lists import CompanyList, InstitutionList, TenderList
from tests.factories import (
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)

LISTS = {"/tenders/": TenderTable, "/institutions/": InstitutionTable, "/companies/": CompanyTable}
VIEWS = [TenderList, InstitutionList, CompanyList]
pytestmark = pytest.mark.django_db

DASH = '<span class="dash"><span class="visually-hidden">Unknown</span></span>'


def headings(text):
    """Return the names of the columns of a list, from its phone labels, with the number of cells of each."""
    rows = re.findall(r"<tr id=.*?</tr>", text, re.DOTALL)
    labels = [re.findall(r'data-label="([^"]*)"', row) for row in rows]
    assert all(row == labels[0] for row in labels)
    return labels[0]


def test_a_tender_with_a_title_is_called_by_it():
    titles = {"title_en": "A platform", "title_zh": "平台", "title_zh_status": "sourced"}
    tender = create_tender(**titles, buyer=create_institution())

    assert (tender.name, str(tender)) == ("A platform", "A platform")
    with override("zh-hans"):
        assert tender.name == "平台"


@pytest.mark.parametrize(
    ("language", "by_institution", "by_place", "by_year"),
    [
        (
            "en",
            "Tax Service, 2019 · title unknown",
            "Beijing, Taxes, 2019 · title unknown",
            "Tender of 2019 · title unknown",
        ),
        ("zh-hans", "税务局，2019 年 · 标题未知", "北京、taxes，2019 年 · 标题未知", "2019 年的采购项目 · 标题未知"),
    ],
)
def test_an_untitled_tender_is_called_by_what_is_known(language, by_institution, by_place, by_year):
    region = create_region("CN-BJ", name_en="Beijing", name_zh="北京")
    category = create_category("taxes")
    buyer = create_institution(name_en="Tax Service", name_zh="税务局", name_zh_status="sourced")
    place = {"region": region, "category": category, "category_basis": "stated"}

    with override(language):
        assert create_tender(year=2019, buyer=buyer, **place).name == by_institution
        assert create_tender(year=2019, **place).name == by_place
        assert create_tender(year=2019).name == by_year


def test_an_institution_that_is_not_public_gives_no_name_to_a_public_tender(client):
    buyer = create_institution(name_en="Hidden bureau", state="draft")
    public = create_tender(buyer=buyer, year=2019)
    draft = create_tender(buyer=buyer, year=2019, state="draft")

    assert public.name == "Tender of 2019 · title unknown"
    assert draft.name == "Hidden bureau, 2019 · title unknown"
    assert "Hidden bureau" not in client.get("/tenders/").text + client.get(public.get_absolute_url()).text


def test_an_untitled_tender_has_its_name_everywhere_without_quotes(client, all_data):
    tender = Tender.objects.get(reference="TW-ANDWSQ")
    name = "Yunnan Provincial Tax Service, State Taxation Administration, 2019 · title unknown"

    page = client.get(tender.get_absolute_url()).text
    listed = client.get("/tenders/?per_page=100").text
    party = client.get(tender.buyer.get_absolute_url()).text

    assert f"<title>{name} · TenderWatch</title>" in page
    assert f'<h1><span class="untitled">{name}</span></h1>' in page
    assert name in page.split('class="breadcrumb"')[1].split("</nav>")[0]
    for text in (listed, party):
        assert f'<span class="untitled">{name}</span>' in text
    assert f"“{name}" not in page + listed + party


def test_a_download_has_no_title_that_we_made(client, all_data):
    rows = csv.DictReader(client.get("/tenders.csv?reference=TW-ANDWSQ").getvalue().decode("utf-8-sig").splitlines())

    assert [(row["title_en"], row["title_zh"]) for row in rows] == [("unknown", "unknown")]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_all_columns_can_be_chosen(client, all_data, path, prefix):
    columns = LISTS[path].choosable()
    with override(prefix.strip("/") or "en"):
        labels = [str(column.verbose_name) for column in columns.values()]

    text = client.get(f"{prefix}{path}", {"columns": list(columns), "per_page": 100}).text

    assert headings(text) == labels


def test_the_data_dictionary_has_all_columns():
    text = (settings.BASE_DIR / "docs/data.md").read_text(encoding="utf-8").split("\n## Lists\n")[1].split("\n## ")[0]
    listed = {
        path: re.findall(r"`(\w+)`", columns) for path, columns in re.findall(r"^\| `(/\w+/)` \| (.*)", text, re.M)
    }

    assert listed == {path: [*table.default_columns(), *_not_default(table)] for path, table in LISTS.items()}


def _not_default(table):
    return [name for name, column in table.choosable().items() if not column.is_default]


@pytest.mark.parametrize("path", LISTS)
def test_without_a_choice_a_list_has_its_usual_columns(client, all_data, path):
    table = LISTS[path]
    labels = [str(table.base_columns[name].verbose_name) for name in table.default_columns()]

    assert headings(client.get(path).text) == headings(client.get(f"{path}?columns=").text) == labels


def test_links_keep_the_chosen_columns(client, all_data):
    text = client.get("/tenders/?columns=status&columns=year&per_page=25&year=2019&year=2018").text
    columns = re.compile("columns=status&amp;columns=year")

    text = text.split('id="list"')[1]
    for place in ('rel="next" href="', 'id="sort-1" href="', 'class="chips"', 'id="per-page-50"', 'id="view-2" href="'):
        assert columns.search(text.split(place, 1)[1][:900]), place
    assert columns.search(text.split('name="year" value="2018"')[1][:300])
    assert text.count('<input type="hidden" name="columns" value="status">') == 1  # in the form of filters


def test_the_permanent_link_has_the_chosen_columns(client, all_data):
    permalink = client.get("/tenders/?columns=year&columns=status&page=1&utm=x").context["permalink"]

    assert permalink == "/tenders/?columns=status&columns=year"


def test_an_unknown_column_is_refused_in_words(client, all_data):
    response = client.get("/tenders/?columns=year&columns=colour", headers={"accept": "text/html"})

    assert response.status_code == 400
    assert "“colour” isn’t a valid value." in response.text
    assert "institution, institution_kind, region" in response.text


def test_a_download_refuses_columns(client, all_data):
    assert client.get("/tenders.csv?columns=year").status_code == 400
    assert "columns=" not in client.get("/tenders/?columns=year").text.split('class="downloads"')[1].split("</p>")[0]


def test_a_column_of_its_own_takes_the_institution_from_below_the_title(client, all_data):
    below = client.get("/tenders/?reference=TW-0VHA2E").text
    beside = client.get("/tenders/?reference=TW-0VHA2E&columns=institution").text

    assert below.count("Erhai Administration Bureau") == beside.count("Erhai Administration Bureau")
    assert 'class="below"' in below
    assert 'class="below"' not in beside


def test_of_a_consortium_a_list_names_the_first_and_how_many_more(client):
    tender = create_tender(title_en="A platform")
    create_award(
        tender, create_company(name_en="Alpha"), create_company(name_en="Beta"), create_company(name_en="Gamma")
    )

    text = client.get("/tenders/").text

    assert '<span class="item">and 2 more</span>' in text
    assert sum(f'">{name}</span>' in text.split("<tbody>")[1] for name in ("Alpha", "Beta", "Gamma")) == 1


def test_what_no_source_states_is_a_dash_with_a_word_and_a_legend(client):
    tender = create_tender(title_en="A platform")

    text = client.get("/tenders/").text

    row = text.split(f'<tr id="{tender.reference}">')[1].split("</tr>")[0]
    assert row.count(DASH) == 4  # region, category, winner, amount
    assert "institution unknown" in row
    assert "unknown: no source states it" in text


@pytest.mark.parametrize("view", VIEWS)
def test_every_filter_that_is_offered_has_a_group_and_a_name_in_both_languages(view):
    filterset = view.filterset_class()
    offered = [filterset.get_filter(name) for name in (*view.filterset_class.facet_names, *view.plain_filters)]

    assert {one.group for one in offered} <= set(Group)
    for one in offered:
        with override("en"):
            english = str(one.label)
        with override("zh-hans"):
            assert english != str(one.label) != ""


@pytest.mark.parametrize("filter_class", [TenderFilter, InstitutionFilter, CompanyFilter])
def test_the_facets_of_a_group_stand_together(filter_class):
    groups = [filter_class().get_filter(name).group for name in filter_class.facet_names]

    assert groups == sorted(groups, key=groups.index)


def test_the_options_of_a_flag_say_what_they_mean():
    flags = [one for one in TenderFilter.base_filters.values() if isinstance(one, FlagFilter)]

    assert len(flags) == 3
    assert not {"Yes", "No"} & {str(label) for flag in flags for _value, label in flag.options}


def test_the_button_of_the_filters_says_how_many_rows_there_are(client, all_data):
    text = client.get("/tenders/?year=2016").text

    assert '<span class="with-script">Show 1 tender</span><span class="without-script">Show tenders</span>' in re.sub(
        r"<span\s+class", "<span class", text
    )


def test_a_company_may_have_won_thousands(client):
    company, number = create_company(name_en="Winner"), 1_001  # Django loads 1,000 of a foreign key at once on SQLite
    first = create_tender(year=2019)
    tenders = Tender.objects.bulk_create(
        Tender(reference=reference, year=2019, certainty=first.certainty, state=first.state)
        for reference in Tender.objects.free_references(number)
    )
    awards = Award.objects.bulk_create(Award(tender=tender, number=1) for tender in tenders)
    Award.suppliers.through.objects.bulk_create(
        Award.suppliers.through(award=award, company=company) for award in awards
    )
    path = company.get_absolute_url()

    pages = [client.get(address) for address in (path, f"{path.rstrip('/')}.json", "/companies/?sort=-tenders")]

    assert [page.status_code for page in pages] == [200] * 3
    assert 'data-count="1001"' in pages[0].text
