"""The words of public records that are spelled like one of which nothing is found: “Did you mean …?”"""

import re
from collections import Counter
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tenders.models import Article, Category, Company, Institution, Region, Tender
from tenders.search import HAN, fold, pinyin

MAX_TEXTS = 20_000  # of each kind of record whose words are compared, those of the latest years first
MAX_SIMILAR = 3  # words that are proposed for one
MIN_LATIN, MIN_HAN = 4, 2  # letters and characters of a word for which others are proposed
LEAST_SIMILARITY = 0.66  # a third of a word may be wrong, as one of three characters is in 区决链
LATIN_WORD = re.compile(r"[a-z0-9]{4,}")
HAN_RUN = re.compile(f"(?:{HAN.pattern})+")


def vocabulary():
    """Return {word: number of texts} for the words and the runs of Chinese characters in names and titles."""
    counted = Counter()
    for text in map(fold, _texts()):
        counted.update({*LATIN_WORD.findall(text), *HAN_RUN.findall(text)})
    return dict(counted)


def similar_words(word, known):
    """Return the words of a vocabulary that are most similar to a folded word, the likeliest first."""
    is_chinese = HAN_RUN.fullmatch(word) is not None
    if len(word) < (MIN_HAN if is_chinese else MIN_LATIN):
        return []
    if is_chinese:
        numbers, same_sound = _parts(known, range(max(MIN_HAN, len(word) - 1), len(word) + 2)), pinyin(word)
    else:
        numbers, same_sound = {text: number for text, number in known.items() if LATIN_WORD.fullmatch(text)}, None
    # Two characters of which one is wrong are half similar: many are, of which those that sound alike are meant.
    least = 0.5 if is_chinese and len(word) == MIN_HAN else LEAST_SIMILARITY
    found = process.extract(word, list(numbers), scorer=OSA.normalized_similarity, score_cutoff=least, limit=50)
    ranked = [(same_sound is not None and pinyin(text) == same_sound, score, text) for text, score, _place in found]
    ranked = [rank for rank in ranked if rank[0] or rank[1] >= LEAST_SIMILARITY]
    ranked.sort(key=lambda rank: (-rank[0], -rank[1], -numbers[rank[2]], rank[2]))
    return [text for *_rank, text in ranked if text != word][:MAX_SIMILAR]


def _texts():
    """Return the names and titles of public records, in both languages."""
    tenders = Tender.objects.published().order_by("-year", "reference")
    articles = Article.objects.published().order_by("slug")
    names = ("name_en", "name_zh", "aliases_en", "aliases_zh")
    rows = [
        tenders.values_list("title_en", "title_zh", "city", "city_zh")[:MAX_TEXTS],
        Institution.objects.published().order_by("reference").values_list(*names)[:MAX_TEXTS],
        Company.objects.published().order_by("reference").values_list(*names)[:MAX_TEXTS],
        articles.values_list("title_en", "title_zh")[:MAX_TEXTS],
        Region.objects.order_by("code").values_list("name_en", "name_zh"),
        Category.objects.order_by("slug").values_list("name_en", "name_zh"),
    ]
    return filter(None, chain.from_iterable(chain.from_iterable(rows)))


def _parts(known, lengths):
    """Return {part: number of texts} for the parts of some lengths of the runs of Chinese characters."""
    numbers = Counter()
    for run, number in known.items():
        if HAN.match(run):
            parts = {run[start : start + size] for size in lengths for start in range(len(run) - size + 1)}
            numbers.update(dict.fromkeys(parts, number))
    return numbers
