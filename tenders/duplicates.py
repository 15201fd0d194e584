"""
Find records that may be one and the same: by code, by name, and by how similar two names are.

Names are compared word by word, Chinese ones character by character, in any order (北京光载无限 is 光载无限（北京）).
The similarity is the share, by weight, that two names have in common, in percent. What any name may contain (bureau,
limited, 管理局) weighs little; where each name has a word of its own (北京 and 南京), that is subtracted; names with
different numbers (lots, years, schools) have none. A typo is assumed in a long word only, as Shanxi and Shaanxi are two
provinces; a Chinese character is nearly as good as one that sounds the same.

From which similarity on names may be one (``THRESHOLDS``) depends on the language: English names are translations, and
translators differ. In the records of 2016 to 2021 the English names of one organisation come to 69 and more (but for
some of which only a reader sees it), those of two to 46 at most, and to 61 where one has the other's whole name in its
own (Tencent Cloud, and its company in Beijing). In Chinese two organisations come to 58, 深圳宏图 and 深圳宏达 with all
the rest the same to 77; 云南省税务局 and its name in full to 88. Titles of one project in several cities come to 82.
"""

import re
from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Model, Q
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

from tenders.models import DistinctPair, Tender
from tenders.search import HAN, fold

COMMON_WEIGHT = 0.25
CONTRAST = 0.5  # weight that is subtracted where each name has a word of its own: 北京 and 南京
SOUND_WEIGHT = 0.9  # of a Chinese character that sounds like the other one
LONG = 9  # letters: a shorter word that differs by one may be another place
TYPO = 88  # how similar, in percent, two words with a typo are
SPECIFIC = 4  # weight: a shorter title identifies nothing without its institution

# Words that the name of any organisation, or the title of any tender, may contain. The subject of an office is none of
# them, as it distinguishes the offices of one city; only taxes are, whose authorities have many names.
COMMON = frozenset(
    """
    a academy administration administrative affairs agency an and area authority bank board branch bureau center central
    centre china chinese city co college commission committee company construction corp corporation county department
    development digital district division for general government group headquarters high human in inc industrial
    industry information institute institution intermediate lab laboratory limited ltd management municipal municipality
    national network networks of office on people peoples platform prefecture primary procurement project province
    provincial public purchase republic research school science service services software state supreme system tax
    taxation tech technical technologies technology the to town university zone

    有限责任公司 股份有限公司 有限公司 集团 公司 分公司 科技 技术 信息 网络 数字 软件 省 市 县 区 州 自治 中国 中华
    人民 共和国 政府 国家 政务 委员会 管理 服务 中心 办公室 总局 分局 局 厅 处 大学 学院 实验室 研究院 研究所
    研究 发展 税务 项目 采购 平台 系统 建设 的
    """.split()  # noqa: SIM905 - a list of words is read as words
)
NUMBERS = {
    word: number
    for words in (
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        ("first", "second", "third", "fourth", "fifth", "sixth"),
        ("i", "ii", "iii", "iv", "v", "vi"),
        tuple("一二三四五六七八九十"),
    )
    for number, word in enumerate(words, 1)
}
# A Chinese numeral counts as one only where it numbers something: 第一, 二期. (一体化 is no number.)
NUMERAL = re.compile(r"(?<=第)[一二三四五六七八九十]|[一二三四五六七八九十](?=[期标包批次号])")
_HAN_WORDS = "|".join(sorted((word for word in COMMON if HAN.match(word)), key=len, reverse=True))
PIECE = re.compile(rf"[0-9]+|[a-z]+|{_HAN_WORDS}|{HAN.pattern}|[^\W\d_]+")


@dataclass(frozen=True)
class Candidate:
    """A record that may be the same as another one, with a score in percent and the reason."""

    record: Model
    score: int
    why: str


@dataclass(frozen=True)
class Name:
    """A name as it is compared: its pieces with their number, its weight, and the numbers in it."""

    language: str
    pieces: Counter
    weight: float
    own_weight: float  # without common words
    numbers: frozenset


@lru_cache(maxsize=20_000)
def tokenize(text):
    """Return a name or title as it is compared."""
    text = fold(text).replace("'", "").replace("’", "")
    pieces = Counter(PIECE.findall(text))
    numbers = [str(int(piece)) for piece in pieces if piece.isdecimal()]
    numbers += [str(NUMBERS[piece]) for piece in pieces if piece.isascii() and piece in NUMBERS]
    numbers += [piece for piece in pieces if len(piece) == 1 and piece.isascii() and piece not in NUMBERS]
    numbers += [str(NUMBERS[numeral]) for numeral in NUMERAL.findall(text)]
    return Name(
        language="zh" if HAN.search(text) else "en",
        pieces=pieces,
        weight=sum(_weight(piece) * number for piece, number in pieces.items()),
        own_weight=sum(number for piece, number in pieces.items() if piece not in COMMON),
        numbers=frozenset(numbers),
    )


def similarity(one, other, at_least=0):
    """
    Return the similarity of two names in percent; 0 when they are in two languages or have different numbers.

    What cannot reach ``at_least`` is 0 too, without a closer look.
    """
    total = one.weight + other.weight
    if one.language != other.language or not total:
        return 0
    if one.numbers and other.numbers and one.numbers != other.numbers:
        return 0
    pieces, others = one.pieces, other.pieces
    both = pieces.keys() & others.keys()
    shared = sum(_weight(piece) * min(pieces[piece], others[piece]) for piece in both)
    shared_own = sum(min(pieces[piece], others[piece]) for piece in both if piece not in COMMON)
    contrast = min(one.own_weight, other.own_weight) - shared_own
    if contrast:
        if 200 * (shared + contrast) < at_least * total:
            return 0
        alike = (_similar_sound if one.language == "zh" else _similar_spelling)(pieces - others, others - pieces)
        shared += alike
        contrast = max(0, contrast - alike)
    return max(0, int(200 * (shared - CONTRAST * contrast) / total + 1e-9))


def _weight(piece):
    return COMMON_WEIGHT if piece in COMMON else 1


def _similar_sound(rest, other_rest):
    """Return the weight of the Chinese characters that differ and sound the same."""
    sounds = Counter(_sound(piece) for piece in rest.elements() if HAN.fullmatch(piece))
    others = Counter(_sound(piece) for piece in other_rest.elements() if HAN.fullmatch(piece))
    return SOUND_WEIGHT * (sounds & others).total()


def _similar_spelling(rest, other_rest):
    """Return the weight of words that are written as one or as two, or with a typo."""
    words = [piece for piece in rest.elements() if piece not in COMMON]
    others = [piece for piece in other_rest.elements() if piece not in COMMON]
    if len(words) == len(others) == 1:
        is_alike = min(map(len, words + others)) > LONG and fuzz.ratio(words[0], others[0]) >= TYPO
    else:
        is_alike = "".join(words) == "".join(others)
    return (len(words) + len(others)) / 2 if is_alike else 0


@lru_cache(maxsize=20_000)
def _sound(character):
    """Return the usual pinyin of a Chinese character with its tone: 陕西 and 山西 differ by it alone."""
    return lazy_pinyin(character, style=Style.TONE3)[0]


class _Party:
    """An institution or a company as it is compared."""

    COLUMNS = ("reference", "state", "name_en", "name_zh", "aliases_en", "aliases_zh", "credit_code")
    THRESHOLDS = {"en": 65, "zh": 80}

    def __init__(self, party):
        own = [name for name in (party.name_en, party.name_zh) if name]
        self.part = ""
        self.code = party.credit_code
        self.own = {fold(name) for name in own}
        self.texts = self.own | {fold(name) for name in party.aliases}
        self.names = [tokenize(text) for text in self.texts]

    def compare(self, other):
        """Return (score, reason), or None when the two are not similar."""
        if self.code and self.code == other.code:
            return 100, _("the same credit code")
        if self.own & other.own:
            return 100, _("the same name")
        if self.own & other.texts or self.texts & other.own:
            return 100, _("one is an alias of the other")
        if self.texts & other.texts:
            return 100, _("the same alias")
        if self.code and other.code:
            return None
        score = _best_similarity(self.names, other.names, self.THRESHOLDS)
        return (score, _("names alike: %(score)s of 100") % {"score": score}) if score else None

    @staticmethod
    def comparable_with(party):
        """Return the records that may be the same, before their names are compared."""
        return type(party).objects.all()


class _Tender:
    """A tender as it is compared; two of different years, institutions or regions are never one."""

    COLUMNS = ("reference", "state", "title_en", "title_zh", "buyer", "year", "region")
    THRESHOLDS = {"en": 88, "zh": 88}

    def __init__(self, tender):
        self.part = tender.year
        self.code = ""
        self.known = (tender.buyer_id, tender.region_id)
        self.texts = {fold(title) for title in (tender.title_en, tender.title_zh) if title}
        self.names = [tokenize(text) for text in self.texts]

    @staticmethod
    def comparable_with(tender):
        """Return the records that may be the same, before their titles are compared."""
        records = Tender.objects.filter(year=tender.year)
        for name in ("buyer", "region"):
            if known := getattr(tender, f"{name}_id"):
                records = records.filter(Q(**{name: known}) | Q(**{name: None}))
        return records

    def compare(self, other):
        """Return (score, reason), or None when the two are not similar."""
        if self.part != other.part or any(
            one and another and one != another for one, another in zip(self.known, other.known, strict=True)
        ):
            return None
        is_of_one = bool(self.known[0] and other.known[0])
        titles, others = self.names, other.names
        if not is_of_one:  # then the title itself must say what is bought
            titles, others = ([title for title in side if title.own_weight >= SPECIFIC] for side in (titles, others))
        score = _best_similarity(titles, others, self.THRESHOLDS)
        if not score:
            return None
        if self.texts & other.texts:
            why = _("the same title, institution and year") if is_of_one else _("the same title and year")
        elif is_of_one:
            why = _("titles alike: %(score)s of 100; the same institution and year")
        else:
            why = _("titles alike: %(score)s of 100; the same year, and the institution of one is unknown")
        return score, why % {"score": score}


def _best_similarity(names, others, thresholds):
    """Return the best similarity of two of some names; 0 when none reaches its threshold."""
    enough = [
        found
        for one in names
        for other in others
        if (found := similarity(one, other, at_least=thresholds[one.language])) >= thresholds[one.language]
    ]
    return max(enough, default=0)


class Index:
    """In-memory index of all records of a model, or of some, to find those that may be the same."""

    def __init__(self, model, records=None):
        self._comparable = _Tender if model is Tender else _Party
        records = model.objects.all() if records is None else records
        self.records = list(records.order_by("pk").only(*self._comparable.COLUMNS))
        self._compared = [self._comparable(record) for record in self.records]
        self._frequency = Counter(
            piece for one in self._compared for piece in {piece for name in one.names for piece in name.pieces}
        )
        self._named, self._blocks = defaultdict(list), defaultdict(list)
        for place, compared in enumerate(self._compared):
            self._enter(place, compared)

    def of_new_records(self):
        """Return an empty index for records that are not saved, to be filled with ``add``."""
        index = copy(self)  # with the frequencies, which must not change as long as records are compared
        index.records, index._compared = [], []
        index._named, index._blocks = defaultdict(list), defaultdict(list)
        return index

    def add(self, record):
        """Add a record, which need not be saved."""
        compared = self._comparable(record)
        self._enter(len(self.records), compared)
        self.records.append(record)
        self._compared.append(compared)

    def _enter(self, place, compared):
        for text in compared.texts:
            self._named[text].append(place)
        for block in self._blocks_of(compared):
            self._blocks[block].append(place)

    def exact(self, *names):
        """Return the records with one of some names or aliases (titles), whatever its case, width and accents."""
        places = {place for name in names for place in self._named.get(fold(name), ())}
        return [self.records[place] for place in sorted(places)]

    def similar(self, record):
        """Return the candidates for being the same as a record, saved or not, the best first."""
        compared = self._comparable(record)
        candidates = (
            Candidate(other, *found)
            for place in self._near(compared)
            if (other := self.records[place]) != record and (found := compared.compare(self._compared[place]))
        )
        return sorted(candidates, key=_by_score)

    def pairs(self):
        """Yield (record, candidate) for every two records that may be the same."""
        for place, compared in enumerate(self._compared):
            for other in self._near(compared):
                if other > place and (found := compared.compare(self._compared[other])):
                    yield self.records[place], Candidate(self.records[other], *found)

    def _near(self, compared):
        """Return the places of the records that share a block with one."""
        return {place for block in self._blocks_of(compared) for place in self._blocks.get(block, ())}

    def _blocks_of(self, compared):
        """
        Return the keys of blocks, of which two similar records share one: a code, a name, or two pieces of a name.

        Two names are similar only if what they share weighs enough. If two pieces are the rarest that they share, what
        they share weighs at most these and what is more frequent. (A typo is in neither of these.)
        """
        keys = compared.texts | {compared.code} - {""}
        for name in compared.names:
            alike = compared.THRESHOLDS[name.language] / 100
            enough = name.weight * alike / (2 - alike)
            pieces = sorted(name.pieces, key=lambda piece: (self._frequency[piece], piece in COMMON, piece))
            left = name.weight
            for place, piece in enumerate(pieces):
                if left < enough:
                    break
                weight = _weight(piece) * name.pieces[piece]
                if weight >= enough:
                    keys.add(piece)
                left -= weight
                after = left
                for other in pieces[place + 1 :]:
                    if weight + after < enough:
                        break
                    keys.add((piece, other))
                    after -= _weight(other) * name.pieces[other]
        return {(compared.part, key) for key in keys}


def columns_of(model):
    """Return the columns of a model that are compared."""
    return (_Tender if model is Tender else _Party).COLUMNS


def compare(one, other):
    """Return (score, reason), or None when two records of a model are not similar."""
    kind = _Tender if isinstance(one, Tender) else _Party
    return kind(one).compare(kind(other))


def candidates(record):
    """Return the candidates for being the same as a record, without those known to be distinct, the best first."""
    kind = _Tender if isinstance(record, Tender) else _Party
    compared, different = kind(record), DistinctPair.objects.pairs()
    others = kind.comparable_with(record).exclude(pk=record.pk).order_by("pk").only(*kind.COLUMNS)
    found = [
        Candidate(other, *why)
        for other in others.iterator(chunk_size=2000)
        if (why := compared.compare(kind(other))) and pair_of(record, other) not in different
    ]
    return sorted(found, key=_by_score)


def parts_of(model):
    """Return query sets of the records of a model: two records of different ones are never the same."""
    if model is not Tender:
        return [model.objects.all()]
    years = model.objects.order_by("year").values_list("year", flat=True).distinct()
    return [model.objects.filter(year=year) for year in years]


def find_pairs(records):
    """Yield (reference, reference, score, reason) of every two of some records that may be the same."""
    for one, other in Index(records.model, records).pairs():
        yield *pair_of(one, other.record), other.score, other.why


def _by_score(candidate):
    return -candidate.score, candidate.record.reference


def pair_of(one, other):
    """Return the references of two records in the order in which pairs have them."""
    return tuple(sorted([one.reference, other.reference]))
