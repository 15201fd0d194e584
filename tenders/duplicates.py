"""
Which records may be one and the same: found by code, by name and by how alike two names are.

Names are compared word by word, Chinese ones character by character, in any order (北京光载无限 is 光载无限（北京）). A
likeness is how much of two names, by weight, they have in common, of 100. What any name may hold (bureau, limited,
管理局) weighs little; where each name has a word of its own (北京 and 南京), that is counted off; names with different
numbers (lots, years, schools) are never alike. A slip of the key is believed in a long word only, as Shanxi and Shaanxi
are two provinces; a Chinese character is nearly as good as one that sounds the same.

From which likeness on names are alike (``ALIKE``) depends on the language: English names are translations, and each
translator has words of his own. In the records of 2016 to 2021 the English names of one body are alike from 69 on (but
for some of which only a reader sees it), those of two bodies up to 46, and 61 where one has the other's whole name in
its own (Tencent Cloud, and its company in Beijing). In Chinese two bodies come to 58, 深圳宏图 and 深圳宏达 with all
the rest the same to 77; 云南省税务局 and its name in full to 88. Titles of one project in several cities come to 82.
"""

import hashlib
import re
import secrets
from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

from django.core.cache import cache
from django.db.models import Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

from tenders.models import DistinctPair, Tender
from tenders.search import HAN, fold

STARTED = secrets.token_hex(8)  # other code finds other pairs: none that is kept outlives the process that found it
AT_ONCE = 2000  # records of a kind among which pairs are found while somebody waits
COMMON_WEIGHT = 0.25
CONTRAST = 0.5  # what is counted off where each has a word of its own: 北京 and 南京
SOUND_WEIGHT = 0.9  # of a Chinese character that sounds like the other one
LONG = 9  # letters: what differs by a slip of the key in a word that is no longer may be another place
SLIP = 88  # how alike, of 100, two words with a slip of the key are
SPECIFIC = 4  # weight: a title that says less than this tells nothing without its institution

# Words that the name of any body, or the title of any tender, may hold. What an office has to do with is none of them,
# as it tells the offices of one city apart; only taxes are, whose authorities are called in many ways.
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
    """A record that may be the same as another one: how sure that is, of 100, and why, in plain words."""

    record: Model
    score: int
    why: str


@dataclass(frozen=True)
class Name:
    """A name as it is compared: what it is made of, what each piece weighs, and the numbers in it."""

    language: str
    pieces: Counter
    weight: float
    own_weight: float  # without the words that any name may hold
    numbers: frozenset


@lru_cache(maxsize=100_000)
def read(text):
    """Take a name or title apart."""
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


def likeness(one, other, at_least=0):
    """
    Return how alike two names that were read are, of 100; 0 when they are in two languages or number two things.

    What cannot come to ``at_least`` is 0 too, without a closer look.
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
        alike = (_sound_alike if one.language == "zh" else _slips)(pieces - others, others - pieces)
        shared += alike
        contrast = max(0, contrast - alike)
    return max(0, int(200 * (shared - CONTRAST * contrast) / total + 1e-9))


def _weight(piece):
    return COMMON_WEIGHT if piece in COMMON else 1


def _sound_alike(rest, other_rest):
    """Return the weight of the Chinese characters that are others, but sound the same."""
    sounds = Counter(_sound(piece) for piece in rest.elements() if HAN.fullmatch(piece))
    others = Counter(_sound(piece) for piece in other_rest.elements() if HAN.fullmatch(piece))
    return SOUND_WEIGHT * (sounds & others).total()


def _slips(rest, other_rest):
    """Return the weight of what is written as one word or as two, or with a slip of the key."""
    words = [piece for piece in rest.elements() if piece not in COMMON]
    others = [piece for piece in other_rest.elements() if piece not in COMMON]
    if len(words) == len(others) == 1:
        is_alike = min(map(len, words + others)) > LONG and fuzz.ratio(words[0], others[0]) >= SLIP
    else:
        is_alike = "".join(words) == "".join(others)
    return (len(words) + len(others)) / 2 if is_alike else 0


@lru_cache(maxsize=20_000)
def _sound(character):
    """Return the usual reading of a Chinese character with its tone: 陕西 and 山西 differ by it alone."""
    return lazy_pinyin(character, style=Style.TONE3)[0]


class _Party:
    """An institution or a company as it is compared."""

    COLUMNS = ("reference", "state", "name_en", "name_zh", "aliases_en", "aliases_zh", "credit_code")
    ALIKE = {"en": 65, "zh": 80}

    def __init__(self, party):
        own = [name for name in (party.name_en, party.name_zh) if name]
        self.part = ""
        self.code = party.credit_code
        self.own = {fold(name) for name in own}
        self.texts = self.own | {fold(name) for name in party.aliases}
        self.names = [read(text) for text in self.texts]

    def compare(self, other):
        """Return (score, why), or None when the two are not alike."""
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
        score = _most_alike(self.names, other.names, self.ALIKE)
        return (score, _("names alike: %(score)s of 100") % {"score": score}) if score else None


class _Tender:
    """A tender as it is compared; none of two years, institutions or regions is another one."""

    COLUMNS = ("reference", "state", "title_en", "title_zh", "buyer", "year", "region")
    ALIKE = {"en": 88, "zh": 88}

    def __init__(self, tender):
        self.part = tender.year
        self.code = ""
        self.known = (tender.buyer_id, tender.region_id)
        self.texts = {fold(title) for title in (tender.title_en, tender.title_zh) if title}
        self.names = [read(text) for text in self.texts]

    def compare(self, other):
        """Return (score, why), or None when the two are not alike."""
        if self.part != other.part or any(
            one and another and one != another for one, another in zip(self.known, other.known, strict=True)
        ):
            return None
        is_of_one = bool(self.known[0] and other.known[0])
        titles, others = self.names, other.names
        if not is_of_one:  # then the title itself must say what is bought
            titles, others = ([title for title in each if title.own_weight >= SPECIFIC] for each in (titles, others))
        score = _most_alike(titles, others, self.ALIKE)
        if not score:
            return None
        if self.texts & other.texts:
            why = _("the same title, institution and year") if is_of_one else _("the same title and year")
        elif is_of_one:
            why = _("titles alike: %(score)s of 100; the same institution and year")
        else:
            why = _("titles alike: %(score)s of 100; the same year, and the institution of one is unknown")
        return score, why % {"score": score}


def _most_alike(names, others, alike):
    """Return the likeness of the two most alike of some names; 0 when none are alike enough."""
    enough = [
        found
        for one in names
        for other in others
        if (found := likeness(one, other, at_least=alike[one.language])) >= alike[one.language]
    ]
    return max(enough, default=0)


class Index:
    """All records of a kind (institutions, companies, tenders), read once, to be asked which may be the same."""

    def __init__(self, model):
        self._compared = _Tender if model is Tender else _Party
        self.records = list(model.objects.order_by("pk").only(*self._compared.COLUMNS))
        self._read = [self._compared(record) for record in self.records]
        self._frequency = Counter(
            piece for each in self._read for piece in {piece for name in each.names for piece in name.pieces}
        )
        self._named, self._blocks = defaultdict(list), defaultdict(list)
        for place, each in enumerate(self._read):
            self._enter(place, each)

    def of_new_records(self):
        """Return an empty index of records that are not there yet, to be added one by one as they are named."""
        index = copy(self)  # with the frequencies, which must not change as long as records are compared
        index.records, index._read = [], []
        index._named, index._blocks = defaultdict(list), defaultdict(list)
        return index

    def add(self, record):
        """Take in one more record, which need not be saved."""
        compared = self._compared(record)
        self._enter(len(self.records), compared)
        self.records.append(record)
        self._read.append(compared)

    def _enter(self, place, compared):
        for text in compared.texts:
            self._named[text].append(place)
        for block in self._blocks_of(compared):
            self._blocks[block].append(place)

    def exact(self, *names):
        """Return the records of which a name or an alias (a title) is one of these, but for case, width and accents."""
        places = {place for name in names for place in self._named.get(fold(name), ())}
        return [self.records[place] for place in sorted(places)]

    def similar(self, record):
        """Return the candidates for being the same as a record, saved or not, the likeliest first."""
        compared = self._compared(record)
        candidates = (
            Candidate(other, *found)
            for place in self._near(compared)
            if (other := self.records[place]) != record and (found := compared.compare(self._read[place]))
        )
        return sorted(candidates, key=lambda each: (-each.score, each.record.reference))

    def pairs(self):
        """Yield (record, candidate) for any two records that may be the same."""
        for place, compared in enumerate(self._read):
            for other in self._near(compared):
                if other > place and (found := compared.compare(self._read[other])):
                    yield self.records[place], Candidate(self.records[other], *found)

    def _near(self, compared):
        """Return the places of the records that share a key with one."""
        return {place for block in self._blocks_of(compared) for place in self._blocks.get(block, ())}

    def _blocks_of(self, compared):
        """
        Return keys of which two records that are alike share one: a code, a whole name, or two pieces of a name.

        Two names are alike only if what they share weighs enough. If two pieces are the rarest that they share, what
        they share weighs these and what is more frequent at most. (A slip of the key is in neither of these.)
        """
        keys = compared.texts | {compared.code} - {""}
        for name in compared.names:
            alike = compared.ALIKE[name.language] / 100
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


def candidates(record):
    """Return what may be the same as one record and was not found to be another, the likeliest first."""
    kind = _Tender if isinstance(record, Tender) else _Party
    compared, different = kind(record), DistinctPair.objects.pairs()
    others = type(record).objects.exclude(pk=record.pk).only(*kind.COLUMNS)
    found = [
        Candidate(other, *why)
        for other in others.iterator(chunk_size=2000)
        if (why := compared.compare(kind(other))) and _pair(record, other) not in different
    ]
    return sorted(found, key=lambda each: (-each.score, each.record.reference))


def possible_duplicates(model):
    """
    Return (reference, reference, score, why) of any two records that may be the same and were not found to be others.

    All records are compared anew only when one has another name.
    """
    key = _compared(model)
    pairs = cache.get(key)
    if pairs is None:
        found = Index(model).pairs()
        pairs = [(*_pair(one, each.record), each.score, each.why) for one, each in found]
        pairs.sort(key=lambda pair: (-pair[2], pair))
        cache.set(key, pairs, timeout=None)
    different = DistinctPair.objects.pairs()
    return [pair for pair in pairs if pair[:2] not in different]


def num_possible_duplicates(model):
    """Return how many pairs of records may be the same; None where nobody knows yet and it would take seconds."""
    if model.objects.count() > AT_ONCE and _compared(model) not in cache:
        return None
    return len(possible_duplicates(model))


def _compared(model):
    """Return the key of the pairs that were found among the records as they are now."""
    kind = _Tender if model is Tender else _Party
    compared = hashlib.sha256(f"{STARTED} {get_language()} {model._meta.label}".encode())
    for row in model.objects.order_by("pk").values_list("pk", *kind.COLUMNS).iterator(chunk_size=2000):
        compared.update(repr(row).encode())
    return f"duplicates-{compared.hexdigest()}"


def _pair(one, other):
    return tuple(sorted([one.reference, other.reference]))
