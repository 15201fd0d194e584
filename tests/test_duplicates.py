"""Which records may be one and the same, and which are only called alike."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import words
from bench.synthetic import Chance
from tenders import duplicates
from tenders.duplicates import Index, similarity, tokenize
from tenders.models import Company, Institution, Tender
from tests.factories import create_company, create_institution, create_region, create_tender

CODE = "91110000600037341L"
OTHER_CODE = "91440300708461136T"

THRESHOLDS = duplicates._Party.THRESHOLDS

SAME = [
    ("光载无限（北京）科技有限公司", "北京光载无限科技有限公司"),
    ("深圳奇迹智慧网络有限公司", "深圳市奇迹智慧网络有限公司"),
    ("深圳奇迹智慧网络有限公司", "深圳市奇绩智慧网络有限公司"),
    ("云南省税务局", "国家税务总局云南省税务局"),
    ("Light Load Infinite (Beijing) Technology Co., Ltd.", "Light Load Infinite"),
    ("Shenzhen Xinwangdian Technology Co., Ltd.", "Shenzhen Xin Wang Dian Technologies Limited"),
    ("Shenzhen Xinwangdian Technology Co., Ltd.", "Shenzhen Xinwandian Technology"),
    ("Pu'er Digital Economy Bureau", "Puer Digital Economy Bureau"),
]
FALSE_FRIENDS = [
    ("北京市税务局", "南京市税务局"),
    ("国家税务总局北京市税务局", "国家税务总局南京市税务局"),
    ("上海市徐汇区政务服务管理局", "上海市静安区政务服务管理局"),
    ("山西省财政厅", "陕西省财政厅"),
    ("深圳宏图区块链科技有限公司", "深圳宏达区块链科技有限公司"),
    ("合肥市公安局", "合肥市教育局"),
    ("合肥市公安局", "合肥市税务局"),
    ("腾讯云", "腾讯云计算（北京）有限责任公司"),
    ("北京市第一中学", "北京市第二中学"),
    ("Changsha Municipal Bureau", "Changzhou Municipal Bureau"),
    ("Changsha Municipal Bureau of Industry and Commerce", "Changzhou Municipal Bureau of Industry and Commerce"),
    ("Finance Department of Shanxi Province", "Finance Department of Shaanxi Province"),
    ("Shenzhen Hongtu Blockchain Technology Co., Ltd.", "Shenzhen Hongda Blockchain Technology Co., Ltd."),
    ("No. 1 Middle School", "No. 2 Middle School"),
]


def names(party):
    return [tokenize(name) for name in (party.name_en, party.name_zh, *party.aliases) if name]


def found(record):
    return [(candidate.record, candidate.score, candidate.why) for candidate in Index(type(record)).similar(record)]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_name_are_alike(one, other):
    assert similarity(tokenize(one), tokenize(other)) >= THRESHOLDS[tokenize(one).language]


@pytest.mark.parametrize(("one", "other"), FALSE_FRIENDS)
def test_false_friends_are_not_alike(one, other):
    assert similarity(tokenize(one), tokenize(other)) < THRESHOLDS[tokenize(one).language]


def test_no_two_organisations_of_the_data_set_are_alike(all_data):
    for model in (Institution, Company):
        for one, other in combinations(model.objects.all(), 2):
            for name in names(one):
                assert (
                    max((similarity(name, other_name) for other_name in names(other)), default=0)
                    < THRESHOLDS[name.language]
                )


def test_most_names_that_the_data_set_gives_one_organisation_are_alike(all_data):
    # Without acronyms, which share no word with the name in full.
    pairs = [
        (one, other)
        for model in (Institution, Company)
        for party in model.objects.all()
        for one, other in combinations(names(party), 2)
        if one.language == other.language and len(one.pieces) > 1 and len(other.pieces) > 1
    ]

    alike = [similarity(one, other) >= THRESHOLDS[one.language] for one, other in pairs]

    assert len(alike) > 20
    assert sum(alike) / len(alike) > 0.6


def test_nothing_of_the_data_set_is_taken_for_a_duplicate(all_data):
    for model in (Institution, Company, Tender):
        assert not list(Index(model).pairs()), model


texts = st.text(st.sampled_from("北南京市税务局第一二公司 abcLtdcoNo.12'（）"), max_size=20) | st.text(max_size=20)


@given(texts, texts)
def test_similarity_is_mutual_and_a_percentage(one, other):
    one, other = tokenize(one), tokenize(other)

    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 100


@given(texts)
def test_a_name_is_as_alike_to_itself_as_can_be(text):
    assert similarity(tokenize(text), tokenize(text)) == (100 if tokenize(text).weight else 0)


# Candidates


@pytest.mark.django_db
def test_a_name_is_found_whatever_its_case_and_width():
    company = create_company(name_en="Hyperchain Co., Ltd.", aliases_zh="趣链（杭州）公司")

    index = Index(Company)

    assert index.exact("HYPERCHAIN  Co., Ltd.") == [company]
    assert index.exact("趣链(杭州)公司") == [company]
    assert index.exact("Hyperchain Co.") == []
    assert index.exact("", " ") == []


@pytest.mark.django_db
def test_the_evidence_of_a_possible_duplicate_is_put_into_words():
    kept = create_company(name_en="Hyperchain", aliases_en="Qulian", aliases_zh="趣链")

    assert found(create_company(name_en="HYPERCHAIN")) == [(kept, 100, "the same name")]
    Company.objects.exclude(pk=kept.pk).delete()
    assert found(create_company(name_en="Qulian")) == [(kept, 100, "one is an alias of the other")]
    Company.objects.exclude(pk=kept.pk).delete()
    assert found(create_company(aliases_en="Qulian")) == [(kept, 100, "the same alias")]
    Company.objects.exclude(pk=kept.pk).delete()
    assert found(create_company(name_en="Hyperchain Technology Ltd")) == [(kept, 80, "names alike: 80 of 100")]


@pytest.mark.django_db
def test_a_code_says_more_than_a_name():
    one = create_institution(name_en="Pengcheng Laboratory", credit_code=CODE)

    assert found(Institution(name_en="Quite Another", credit_code=CODE)) == [(one, 100, "the same credit code")]
    assert found(Institution(name_en="Pengcheng Lab", credit_code="")) == [(one, 80, "names alike: 80 of 100")]
    assert found(Institution(name_en="Pengcheng Lab", credit_code=OTHER_CODE)) == []


@pytest.mark.django_db
def test_a_record_is_no_duplicate_of_itself():
    company = create_company(name_en="Hyperchain")

    assert found(company) == []
    assert list(Index(Company).pairs()) == []


@pytest.mark.django_db
def test_each_pair_is_found_once_and_from_both_sides():
    one, other = create_company(name_en="Hyperchain"), create_company(name_en="Hyperchain Ltd")

    assert [(record, candidate.record) for record, candidate in Index(Company).pairs()] == [(one, other)]
    assert [record for record, _score, _why in found(one)] == [other]
    assert [record for record, _score, _why in found(other)] == [one]


TITLE = "Blockchain electronic invoice expansion and maintenance"


@pytest.mark.django_db
def test_tenders_of_one_institution_and_year_with_titles_alike_may_be_one():
    buyer = create_institution()
    one = create_tender(title_en=TITLE, buyer=buyer)

    assert found(create_tender(title_en=TITLE.upper(), buyer=buyer)) == [
        (one, 100, "the same title, institution and year")
    ]


@pytest.mark.django_db
def test_tenders_of_two_years_institutions_regions_or_lots_are_not_one():
    buyer, region = create_institution(), create_region("CN-BJ")
    title = f"{TITLE} (Hubei), purchase 1 of 3"
    create_tender(title_en=title, buyer=buyer, region=region, year=2019)
    same = {"title_en": title, "buyer": buyer, "region": region, "year": 2019}

    assert found(Tender(**same))
    assert not found(Tender(**same | {"year": 2018}))
    assert not found(Tender(**same | {"buyer": create_institution()}))
    assert not found(Tender(**same | {"region": create_region("CN-SH")}))
    assert not found(Tender(**same | {"title_en": title.replace("1 of", "2 of")}))
    assert not found(Tender(**same | {"title_en": title.replace("Hubei", "Yulin")}))


@pytest.mark.django_db
def test_a_title_that_says_little_identifies_nothing_without_its_institution():
    create_tender(title_en="Blockchain platform procurement project")
    specific = create_tender(title_en=TITLE)

    assert not found(create_tender(title_en="Blockchain platform procurement project"))
    assert found(create_tender(title_en=TITLE)) == [(specific, 100, "the same title and year")]


@pytest.mark.django_db
def test_tenders_without_a_title_are_like_none():
    buyer = create_institution()
    create_tender(buyer=buyer)

    assert not found(create_tender(buyer=buyer))


# Speed


def synthetic_companies(number, *, numbered):
    """Return unsaved companies whose names are made of few words."""
    chance, companies = Chance(7), []
    for pk in range(1, number + 1):
        (place, place_zh), (end, end_zh) = chance.choice(words.PLACE_PREFIXES), chance.choice(words.PLACE_SUFFIXES)
        (first, first_zh), (last, last_zh) = chance.choices(words.FIRM_SYLLABLES, k=2)
        trade, trade_zh = chance.choice(words.FIRM_TRADES)
        tail = str(pk) if numbered else ""
        companies.append(
            Company(
                pk=pk,
                reference=f"C-{pk:06}",
                name_en=f"{place}{end} {first}{last.lower()} {trade} Co., Ltd. {tail}",
                name_zh=f"{place_zh}{end_zh}{first_zh}{last_zh}{trade_zh}有限公司{tail}",
            )
        )
    return companies


def index_of(records):
    """Return the index of records that are in no database."""
    return Index(Company, records)


def test_all_pairs_that_are_alike_are_found_without_comparing_all():
    index = index_of(synthetic_companies(400, numbered=False))
    everyone = range(len(index.records))

    compared = {
        (index.records[one], index.records[other])
        for one, other in combinations(everyone, 2)
        if index._compared[one].compare(index._compared[other])
    }

    assert {(record, candidate.record) for record, candidate in index.pairs()} == compared
    assert compared


def test_few_records_are_compared_with_each():
    index = index_of(synthetic_companies(2000, numbered=True))

    near = [len(index._near(compared)) for compared in index._compared]

    assert sum(near) / len(near) < 100


@pytest.mark.parametrize("seed", range(3))
def test_the_candidates_of_a_tender_are_those_that_a_comparison_with_all_finds(db, seed):
    chance = Chance(seed)
    buyers, regions = (
        [None, *(create_institution() for _ in range(2))],
        [None, create_region("CN-BJ"), create_region("CN-SH")],
    )
    titles = ["Blockchain platform of the tax bureau", "Platform of the tax bureau, blockchain", "An electronic seal"]
    tenders = [
        create_tender(
            title_en=chance.choice(titles),
            title_en_status="sourced",
            year=chance.choice([2018, 2019]),
            buyer=chance.choice(buyers),
            region=chance.choice(regions),
        )
        for _ in range(30)
    ]
    for tender in tenders:
        alike = [other for other in tenders if other != tender and duplicates.compare(tender, other)]

        assert {candidate.record for candidate in duplicates.candidates(tender)} == set(alike)


def test_pairs_within_parts_are_all_pairs(all_data):
    for model in (Institution, Company, Tender):
        parts = {pair[:2] for pair in duplicates.find_pairs(duplicates.parts_of(model))}

        assert parts == {duplicates.pair_of(one, other.record) for one, other in Index(model).pairs()}
