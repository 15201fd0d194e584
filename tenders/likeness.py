"""
How similar two names or titles are.

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
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

from tenders.search import HAN, fold

COMMON_WEIGHT = 0.25
CONTRAST = 0.5  # weight that is subtracted where each name has a word of its own: 北京 and 南京
SOUND_WEIGHT = 0.9  # of a Chinese character that sounds like the other one
LONG = 9  # letters: a shorter word that differs by one may be another place
TYPO = 88  # how similar, in percent, two words with a typo are

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

    ag bv eirl gmbh holding holdings joint kg llc llp ltda nv oy plc pte pty sa sac sarl sas spa srl stock

    有限责任公司 股份有限公司 有限公司 集团 公司 分公司 科技 技术 信息 网络 数字 软件 省 市 县 区 州 自治 中国 中华
    人民 共和国 政府 国家 政务 委员会 管理 服务 中心 办公室 总局 分局 局 厅 处 大学 学院 实验室 研究院 研究所
    研究 发展 税务 项目 采购 平台 系统 建设 的 股份 有限 责任 控股 实业 人民政府 自治区 街道 办事处
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
# Initials with dots are one word: S.A.C. is a legal form, and no three letters that number lots.
INITIALS = re.compile(r"\b(?:[a-z]\. ?){2,}")
PIECE = re.compile(rf"[0-9]+|[a-z]+|{_HAN_WORDS}|{HAN.pattern}|[^\W\d_]+")


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
    text = INITIALS.sub(lambda found: re.sub("[. ]", "", found[0]) + " ", text)
    pieces = Counter(PIECE.findall(text))
    numbers = [str(int(piece)) for piece in pieces if piece.isdecimal()]
    numbers += [str(NUMBERS[piece]) for piece in pieces if piece.isascii() and piece in NUMBERS]
    numbers += [piece for piece in pieces if len(piece) == 1 and piece.isascii() and piece not in NUMBERS]
    numbers += [str(NUMBERS[numeral]) for numeral in NUMERAL.findall(text)]
    return Name(
        language="zh" if HAN.search(text) else "en",
        pieces=pieces,
        weight=sum(weight_of(piece) * number for piece, number in pieces.items()),
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
    shared = sum(weight_of(piece) * min(pieces[piece], others[piece]) for piece in both)
    shared_own = sum(min(pieces[piece], others[piece]) for piece in both if piece not in COMMON)
    contrast = min(one.own_weight, other.own_weight) - shared_own
    if contrast:
        if 200 * (shared + contrast) < at_least * total:
            return 0
        alike = (_similar_sound if one.language == "zh" else _similar_spelling)(pieces - others, others - pieces)
        shared += alike
        contrast = max(0, contrast - alike)
    return max(0, int(200 * (shared - CONTRAST * contrast) / total + 1e-9))


def weight_of(piece):
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
