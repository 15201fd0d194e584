"""Search for English and Chinese words of any length, case and width, and for Chinese names by pinyin."""

import re

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Category, Company, Institution, Region, Tender
from tenders.search import fold, fold_number, hits, pinyin, pinyin_patterns, sort_key, syllables, words
from tenders.simplified import PAIRS, simplify
from tests.factories import (
    create_award,
    create_category,
    create_company,
    create_institution,
    create_region,
    create_tender,
)

NAMES = {"name_zh_status": "sourced"}


def found(filter_class, q):
    query = QueryDict(mutable=True)
    query["q"] = q
    return set(filter_class(query).qs)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("Crédit  Lyonnais", "credit lyonnais"),
        ("Straße", "strasse"),
        ("北京（海淀）　税务", "北京(海淀) 税务"),
        ("ｶﾞ", "カ"),
        ("ﬁle", "file"),
    ],
)
def test_case_width_accents_and_spaces_are_folded(text, folded):
    assert fold(text) == folded


def test_numbers_of_notices_are_the_same_whatever_their_blanks_brackets_and_dashes():
    numbers = ["粤财采〔2019〕 ZF-001号", "粤财采[2019]zf—001号", "粤财采（２０１９）ＺＦ－００１号"]

    assert {fold_number(number) for number in numbers} == {"粤财采(2019)zf-001号"}


@pytest.mark.parametrize("q", ["ZFCG2019-001号", "zfcg2019 001", "ＺＦＣＧ２０１９－００１", "2019-001"])
def test_a_tender_is_found_by_its_official_number(db, q):
    tender = create_tender(official_number="ZFCG2019-001号")
    create_tender(official_number="ZFCG2019-002号")

    assert found(TenderFilter, q) == {tender}


@given(text=st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(text=st.text(max_size=40))
def test_a_word_of_a_search_has_no_space_and_no_punctuation(text):
    for word in words(text):
        assert word == fold(word)
        assert not re.search(r"[\s!-#%-*,-/:;?@\[-\]_{}、。，「」（）]", word)


@given(text=st.text(alphabet=PAIRS, max_size=40))
def test_traditional_characters_are_compared_as_simplified_ones(text):
    assert fold(simplify(text)) == fold(text) == simplify(fold(text))
    assert len(simplify(text)) == len(text)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("區塊鏈電子發票", "区块链电子发票"),
        ("廣東省稅務局", "广东省税务局"),
        ("臺灣", "台湾"),
        ("著作權", "著作权"),
        ("發佈週報", "发布周报"),
    ],
)
def test_common_traditional_characters_are_known(traditional, simplified):
    assert simplify(traditional) == simplified


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("qukuailian", "'qu'kuai'lian"),
        ("qukuaili", "'qu'kuai'li"),
        ("shenz", "'shen'z"),
        ("lvyou", "'lu'you"),
        ("fangan", "'fang'an"),
        ("fangan", "'fan'gan"),
    ],
)
def test_a_word_is_read_as_syllables_of_pinyin(word, reading):
    assert reading in pinyin_patterns(word)


@pytest.mark.parametrize("word", ["blockchain", "invoice", "hospital", "区块链", "2019", "a", "tx"])
def test_a_word_that_is_neither_pinyin_nor_initials_is_not_read(word):
    assert pinyin_patterns(word) == []


@given(word=st.text(alphabet="aeiougnhxz", max_size=200))
def test_a_long_word_has_few_readings(word):
    assert len(pinyin_patterns(word)) <= 9


@given(text=st.text(max_size=40))
def test_case_and_width_do_not_matter(text):
    plain = "".join(character for character in text if character.isascii() and character.isprintable())
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign != " " else "\N{IDEOGRAPHIC SPACE}" for sign in plain)

    assert fold(wide.upper()) == fold(plain.lower())


def test_a_run_of_characters_without_a_known_reading_is_read_by_character():
    assert syllables("\U0003238a\U0003238b税") == [
        ("\U0003238a", "\U0003238a"),
        ("\U0003238b", "\U0003238b"),
        ("税", "shui"),
    ]


@given(text=st.text(max_size=40), sought=st.text(max_size=8))
def test_marking_hits_does_not_change_the_text(text, sought):
    pieces = hits(text, words(sought), in_pinyin=True)

    assert "".join(piece for piece, _is_hit in pieces) == text
    if not words(sought):
        assert not any(is_hit for _piece, is_hit in pieces)


@pytest.mark.parametrize(
    ("text", "q", "in_pinyin", "marked"),
    [
        ("Blockchain TAX invoices", "tax", False, ["TAX"]),
        ("深圳市税务局", "税务", False, ["税务"]),
        ("Ｂｌｏｃｋ chain", "block CHAIN", False, ["Ｂｌｏｃｋ", "chain"]),
        ("重庆市审计局", "chongqing", True, ["重庆"]),
        ("重庆市审计局", "chongqing", False, []),
        ("绿地（上海）", "lvdi shang", True, ["绿地", "上"]),
        ("绿地", "ludi", True, ["绿地"]),
        ("Crédit", "cred", False, ["Créd"]),
        ("区块链平台", "區塊", False, ["区块"]),
        ("腾讯云计算", "txy", True, ["腾讯云"]),
    ],
)
def test_hits_are_marked(text, q, in_pinyin, marked):
    assert [piece for piece, is_hit in hits(text, words(q), in_pinyin=in_pinyin) if is_hit] == marked


@pytest.mark.parametrize(
    ("q", "marked"),
    [
        ("kuailian", ["块链"]),
        ("kuailiandian", ["块链电"]),
        ("qkl", ["区块链"]),
        ("piao", ["票"]),
        ("uai", []),
        ("kl", []),
    ],
)
def test_hits_of_whole_syllables_are_marked_in_titles(q, marked):
    assert [piece for piece, is_hit in hits("区块链电子发票", words(q), in_syllables=True) if is_hit] == marked


def test_the_pinyin_of_a_character_depends_on_the_word():
    assert pinyin("重庆") == "chongqing"
    assert pinyin("重要") == "zhongyao"


@pytest.fixture
def market(db):
    buyer = create_institution(
        name_en="", name_zh="深圳市税务局", aliases_zh="鹏城税局", notes="moved in 2018", **NAMES
    )
    company = create_company(name_en="Tencent Cloud", name_zh="腾讯云", aliases_en="TC Computing", **NAMES)
    won = create_tender(
        title_en="Invoices on a blockchain", title_zh="区块链电子发票", title_zh_status="sourced", buyer=buyer
    )
    create_award(won, company)
    return {"won": won, "other": create_tender(title_en="Hospital records", notes="A lot of a larger tender.")}


@pytest.mark.parametrize(
    "q",
    [
        "invoices",
        "INVOICES blockchain",
        "ｉｎｖｏｉｃｅｓ",
        "发票",
        "发",
        "电子发票 税务",
        "深圳市税务局",
        "shenzhen",
        "shuiwuju",
        "shenzhen invoices tencent",
        "tengxun",
        "鹏城",
        "tc computing",
        "電子發票",
        "区块链、发票",
        "dianzifapiao",
        "qkldzfp",
        "szsswj",
        "txy",
    ],
)
def test_a_tender_is_found_by_its_titles_and_the_names_of_its_parties(market, q):
    assert found(TenderFilter, q) == {market["won"]}


def test_a_tender_is_found_by_its_reference_and_notes(market):
    assert found(TenderFilter, market["other"].reference.lower()) == {market["other"]}
    assert found(TenderFilter, "larger lot") == {market["other"]}


@pytest.mark.parametrize("q", ["invoices hospital", "发票税务", "moved", "$", "%", "_", "'"])
def test_all_words_must_occur_literally(market, q):
    assert found(TenderFilter, q) == set()


def test_parts_of_english_words_are_no_pinyin_of_titles(db):
    create_tender(title_en="", title_zh="观点与海淀", title_zh_status="sourced")

    assert found(TenderFilter, "haidian")
    assert found(TenderFilter, "and") == found(TenderFilter, "aid") == set()


@pytest.fixture
def places(db):
    guangdong = create_region("CN-GD", name_en="Guangdong", name_zh="广东", kind="province")
    identity = create_category("digital-identity", name_en="Digital identity", name_zh="数字身份")
    there = create_tender(region=guangdong, city="Shenzhen", city_zh="深圳")
    return {"there": there, "filed": create_tender(category=identity, category_basis="stated"), "no": create_tender()}


@pytest.mark.parametrize(
    "q", ["Guangdong", "广东", "广东省", "廣東", "Guangdong Province", "gd", "Shenzhen", "深圳 广东"]
)
def test_a_tender_is_found_by_the_names_of_its_region_and_city(places, q):
    assert found(TenderFilter, q) == {places["there"]}


@pytest.mark.parametrize("q", ["digital identity", "数字身份", "數字身份", "shuzishenfen", "szsf"])
def test_a_tender_is_found_by_the_name_of_its_category(places, q):
    assert found(TenderFilter, q) == {places["filed"]}


def test_parties_are_found_by_their_places(places):
    seated = create_institution(region=Region.objects.get(), city="Foshan", city_zh="佛山")
    Tender.objects.update(buyer=seated)

    for q in ("广东省", "foshan", "佛山"):
        assert found(InstitutionFilter, q) == {seated}


def test_the_names_of_regions_and_categories_follow_every_kind_of_write(places):
    Region.objects.update(name_zh="粤")
    category = Category.objects.get()
    category.name_en = "Passports"
    Category.objects.bulk_update([category], ["name_en"])
    assert found(TenderFilter, "粤") == {places["there"]}
    assert found(TenderFilter, "广东") == set()
    assert found(TenderFilter, "passports") == {places["filed"]}

    category.name_en = "Papers"
    category.save(update_fields=["name_en"])
    assert found(TenderFilter, "papers") == {places["filed"]}


def test_parties_are_found_by_their_own_names_and_notes(market):
    assert found(InstitutionFilter, "moved shuiwu") == set(Institution.objects.all())
    assert found(InstitutionFilter, "invoices") == set()
    assert found(CompanyFilter, "腾讯 computing") == set(Company.objects.all())


def test_a_search_agrees_with_plain_python(all_data):
    def texts(tender):
        parties = [tender.buyer] if tender.buyer else []
        yield from (tender.title_en, tender.title_zh, tender.reference, tender.notes, tender.notes_zh)
        yield from (tender.city, tender.city_zh)
        yield from (f"'{reading}" for _piece, reading in syllables(tender.title_zh))
        for option in filter(None, [tender.region, tender.category]):
            yield from (option.name_en, option.name_zh, pinyin(option.name_zh))
        for party in [*parties, *tender.suppliers]:
            yield from (party.name_en, party.name_zh, *party.aliases, party.reference)
            yield from (pinyin(name) for name in (party.name_zh, *party.aliases_zh.splitlines()))

    everything = {tender: [fold(text) for text in texts(tender)] for tender in Tender.objects.for_page()}
    sought = ["区块", "tax", "深圳", "链", "shen", "provident fund", "bank 2018", "tw-", "平台 hospital", "guang"]
    for q in sought:
        expected = {t for t, folded in everything.items() if all(any(w in f for f in folded) for w in words(q))}
        assert found(TenderFilter, q) == expected, q


def test_the_search_text_follows_every_kind_of_write(market):
    Tender.objects.filter(pk=market["won"].pk).update(title_en="Receipts")
    assert found(TenderFilter, "receipts") == {market["won"]}
    assert found(TenderFilter, "invoices") == set()

    tender = Tender.objects.defer("title_zh", "search_text").get(pk=market["won"].pk)
    tender.title_en = "Vouchers"
    tender.save()
    assert found(TenderFilter, "vouchers") == {market["won"]}

    tender = Tender.objects.get(pk=market["won"].pk)
    tender.title_en = "Coupons"
    tender.save(update_fields=["title_en"])
    assert found(TenderFilter, "coupons") == {market["won"]}

    tender.title_en = "Stamps"
    Tender.objects.bulk_update([tender], ["title_en"])
    assert found(TenderFilter, "stamps") == {market["won"]}

    Tender.objects.bulk_create(
        [
            Tender(
                pk=tender.pk,
                reference=tender.reference,
                year=2019,
                certainty="high",
                title_en="Quagga",
                title_en_status="sourced",
                buyer=tender.buyer,
                state="published",
            )
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["title_en"],
    )
    assert found(TenderFilter, "quagga") == {market["won"]}

    tender.refresh_from_db()
    tender.notes = Concat(F("title_en"), Value(" noted"))
    tender.save()
    assert found(TenderFilter, "noted") == {market["won"]}

    Institution.objects.update(aliases_zh="南山税局")
    assert found(TenderFilter, "南山") == {market["won"]}
    assert found(TenderFilter, "鹏城") == set()


def test_chinese_names_are_sorted_by_pinyin(client, db):
    for name in ("重庆", "安徽", "Beijing", "上海"):
        chinese = {} if name.isascii() else {"name_zh": name, "name_en": "", **NAMES}
        create_tender(buyer=create_institution(**({"name_en": name} | chinese)))

    names = [str(row) for row in InstitutionFilter(QueryDict("sort=name")).qs]

    assert names == ["安徽", "Beijing", "重庆", "上海"]
    assert sort_key("", "重庆") == "chong qing"


def test_a_chinese_list_is_sorted_by_its_chinese_names(client, all_data):
    page = client.get("/zh-hans/institutions/")
    names = [row.record.name_zh or row.record.name_en for row in page.context["table"].rows]

    assert names == sorted(names, key=sort_key)
    assert 'href="?sort=-name_zh"' in page.text


@pytest.mark.parametrize("address", ["tender-list", "institution-list", "company-list"])
def test_hits_are_marked_in_the_table(client, market, address):
    q = {"tender-list": "发票", "institution-list": "shuiwu", "company-list": "cloud"}[address]
    mark = {"tender-list": "发票", "institution-list": "税务", "company-list": "Cloud"}[address]

    page = client.get(reverse(address), {"q": q})

    assert f"<mark>{mark}</mark>" in page.text
    assert f'<input type="search" name="q" value="{q}"' in page.text


@pytest.mark.parametrize("q", ["\u0301", "x" * 201, "a\x00b"])
def test_a_search_that_cannot_be_read_is_refused(client, db, q):
    response = client.get("/tenders/", {"q": q})

    assert response.status_code == 400
    assert "data-total" not in response.text


def test_hits_that_no_cell_shows_are_quoted(client, market):
    company = Company.objects.get()
    quoted = [
        ("pengcheng", "鹏城"),
        ("larger", "larger"),
        ("tengxun", "腾讯"),
        (company.reference, company.reference[2:]),
    ]
    for q, mark in quoted:
        assert f"<mark>{mark}</mark>" in client.get("/tenders/", {"q": q}).text.split("Found in:")[1]
    assert "<mark>moved</mark> in 2018" in client.get("/institutions/?q=moved").text
    assert "Found in:" not in client.get("/tenders/?q=invoices+tencent+shenzhen").text


def test_notes_are_found_in_both_languages_and_quoted_once_in_the_readers(client, db):
    create_tender(notes="A BaaS platform, a larger lot.", notes_zh="BaaS 平台，另有一个更大的包。")

    def quoted(address):
        return re.findall('class="found">[^<]*<span lang="(.*?)"', client.get(address).text)

    assert quoted("/tenders/?q=baas") == quoted("/zh-hans/tenders/?q=larger") == ["en"]
    assert quoted("/zh-hans/tenders/?q=baas") == quoted("/tenders/?q=更大") == ["zh-Hans"]


@pytest.mark.parametrize(
    ("q", "marked"), [("ceczhongguo", "CEC中国"), ("dianzi2019", "电子2019"), ("2019", "2019"), ("yanjiu", "研究")]
)
def test_a_word_may_mix_pinyin_with_letters_and_digits(q, marked):
    assert [piece for piece, is_hit in hits("CEC中国电子2019研究院", [q], in_pinyin=True) if is_hit] == [marked]


def test_names_of_unpublished_parties_are_not_searched_quoted_or_offered(client, market):
    drafts = [create_company(name_en=f"Secret {number}", aliases_en="Gnu alias", state="draft") for number in range(12)]
    for number, draft in enumerate(drafts, start=2):
        create_award(market["won"], draft, number=number)

    assert found(TenderFilter, "secret") == found(TenderFilter, "gnu") == set()
    companies = next(facet for facet in TenderFilter().facets() if facet.name == "company")
    assert [option.text for option in companies.options] == ["Tencent Cloud", "Unknown"]
    assert "Gnu" not in client.get("/tenders/?q=invoices").text


@pytest.mark.parametrize("sought", ["Guangdong", "guangdong", "广东"])
def test_a_search_for_the_name_of_an_option_links_to_its_list(client, article_data, sought):
    text = client.get("/tenders/", {"q": sought, "year": "2019"}).text

    assert 'href="/tenders/?year=2019&amp;region=CN-GD" data-count="2"' in text
    assert 'data-total="2"' in client.get("/tenders/?year=2019&region=CN-GD").text


def test_a_search_for_a_year_links_to_its_list(client, article_data):
    assert 'href="/tenders/?year=2018" data-count="10"' in client.get("/tenders/?q=2018").text
    assert "name of a filter" not in client.get("/tenders/?q=blockchain").text


@given(st.text("区块链长安行重庆都银行市省的一乐〇𠀀中", min_size=1, max_size=12))
def test_a_text_is_read_as_pypinyin_reads_it_as_a_whole(text):
    readings = lazy_pinyin(text, v_to_u=True, errors=list)

    assert [reading for _piece, reading in syllables(text)] == readings
