"""
Find records that may be one and the same: by code or official number, by name, and by how similar two names are.

From which similarity on two records may be one (``THRESHOLDS``) depends on the language: see ``tenders.likeness``.
Titles of tenders are compared without the words of notices (``tenders.titles``).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import product

from django.db import models
from django.db.models import Count, Model, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tenders.likeness import COMMON, similarity, tokenize, weight_of
from tenders.models import DistinctPair, Tender
from tenders.search import fold, fold_number
from tenders.titles import part_of_project, title_of_purchase

FEW = 100  # new records that are compared one by one
TELLING = 6  # characters of an official number, one of them a letter
SPECIFIC = 4  # weight: a shorter title identifies nothing without its institution


@dataclass(frozen=True)
class Candidate:
    """A record that may be the same as another one, with a score in percent and the reason."""

    record: Model
    score: int
    why: str


class _Party:
    """An institution or a company as it is compared."""

    COLUMNS = ("reference", "state", "name_en", "name_zh", "aliases_en", "aliases_zh", "credit_code")
    THRESHOLDS = {"en": 65, "zh": 80}

    def __init__(self, party):
        self.part = ""
        self.code = party.credit_code
        self.own = {fold(name) for name in (party.name_en, party.name_zh) if name}
        self.texts = self.texts_of(party)
        self.names = [tokenize(text) for text in self.texts]

    @staticmethod
    def texts_of(party):
        """Return the folded names and aliases."""
        return {fold(name) for name in (party.name_en, party.name_zh, *party.aliases) if name}

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
        score = _best_similarity(product(self.names, other.names), self.THRESHOLDS)
        return (score, _("names alike: %(score)s of 100") % {"score": score}) if score else None

    @staticmethod
    def comparable_with(party):
        """Return the records that may be the same, before their names are compared."""
        return type(party).objects.all()


class _Tender:
    """
    A tender as it is compared.

    The official number decides where both have one, else the titles do, of tenders of one institution, year and region.
    """

    COLUMNS = ("reference", "state", "title_en", "title_zh", "official_number", "buyer", "year", "region")
    THRESHOLDS = {"en": 88, "zh": 88}

    def __init__(self, tender):
        self.part = tender.year
        self.code = fold_number(tender.official_number)
        self.buyer = tender.buyer_id or (tender.buyer and f"new {id(tender.buyer)}")
        self.region = tender.region_id
        self.texts = self.texts_of(tender)
        self.titles = {title_of_purchase(text) for text in self.texts}
        self.names = [tokenize(title) for title in self.titles]

    @staticmethod
    def texts_of(tender):
        """Return the folded titles."""
        return {fold(title) for title in (tender.title_en, tender.title_zh) if title}

    @staticmethod
    def comparable_with(tender):
        """Return the records that may be the same, before their titles are compared."""
        records = Tender.objects.filter(year=tender.year)
        for name in ("buyer", "region"):
            if known := getattr(tender, f"{name}_id"):
                records = records.filter(Q(**{name: known}) | Q(**{name: None}))
        if tender.official_number:
            records |= Tender.objects.filter(official_number=tender.official_number)
        return records

    def compare(self, other):
        """Return (score, reason), or None when the two are not similar."""
        is_of_one = bool(self.buyer and other.buyer)
        is_of_two = is_of_one and self.buyer != other.buyer
        if self.code and self.code == other.code and not is_of_two:
            return 100, _("the same official number")
        if is_of_two:
            is_same = self.code == other.code and is_telling(self.code)
            return (99, _("the same official number, another institution")) if is_same else None
        if self.part != other.part or (self.region and other.region and self.region != other.region):
            return None
        if self.code and other.code and not self._is_attempt_of(other):
            return None
        score = self._similarity(other, at_least_weight=0 if is_of_one else SPECIFIC)
        if not score:
            return None
        if self.texts & other.texts:
            why = _("the same title, institution and year") if is_of_one else _("the same title and year")
        elif self.titles & other.titles:
            why = _("titles of notices of one purchase; the same year")
        elif is_of_one:
            why = _("titles alike: %(score)s of 100; the same institution and year")
        else:
            why = _("titles alike: %(score)s of 100; the same year, and the institution of one is unknown")
        return score, why % {"score": score}

    def _is_attempt_of(self, other):
        """Return whether two with different numbers may be one: its number or title says another attempt or lot."""
        short, long = sorted([self.code, other.code], key=len)
        has_suffix = long.startswith(short) and not long[len(short)].isdigit()
        return has_suffix or bool(self.titles & other.titles and not self.texts & other.texts)

    def _similarity(self, other, at_least_weight):
        """Return the best similarity of two titles that buy the same part of a project; 0 when none is enough."""
        pairs = [
            (tokenize(title), tokenize(another))
            for title, another in product(self.titles, other.titles)
            if part_of_project(title) == part_of_project(another)
        ]
        # Without its institution the title itself must say what is bought.
        pairs = [pair for pair in pairs if all(title.own_weight >= at_least_weight for title in pair)]
        return _best_similarity(pairs, self.THRESHOLDS)


def is_telling(number):
    """Return whether a folded official number is long enough that two institutions rarely have the same."""
    return len(number) >= TELLING and any(sign.isalpha() for sign in number)


def _best_similarity(pairs, thresholds):
    """Return the best similarity of some pairs of names; 0 when none reaches its threshold."""
    enough = [
        found
        for one, other in pairs
        if (found := similarity(one, other, at_least=thresholds[one.language])) >= thresholds[one.language]
    ]
    return max(enough, default=0)


class Index:
    """In-memory index of all records of a model, or of some, to find those that may be the same."""

    def __init__(self, model, records=None):
        self._comparable = _Tender if model is Tender else _Party
        records = model.objects.all() if records is None else records
        if isinstance(records, models.QuerySet):
            records = records.order_by("pk").only(*self._comparable.COLUMNS)
        self.records = list(records)
        self._named = defaultdict(list)
        for place, record in enumerate(self.records):
            self._enter_names(place, record)

    @classmethod
    def of_new_records(cls, model):
        """Return an empty index for records that are not saved, to be filled with ``add``."""
        index = cls(model, records=[])
        index._blocks = None
        return index

    def add(self, record, label=None):
        """Add a record, which need not be saved; candidates for others have its ``label``, by default itself."""
        place, compared = len(self.records), self._comparable(record)
        self._compared.append(compared)
        self.records.append(record if label is None else label)
        self._enter_names(place, record)
        if self._blocks is not None:
            for block in self._blocks_of(compared):
                self._blocks[block].append(place)
        elif place == FEW:
            self._blocks = self._find_blocks()

    @cached_property
    def _compared(self):
        return [self._comparable(record) for record in self.records]

    @cached_property
    def _blocks(self):
        return self._find_blocks()

    def _find_blocks(self):
        # In how many names a piece is; it must not change as long as records are compared.
        self._frequency = Counter(
            piece for one in self._compared for piece in {piece for name in one.names for piece in name.pieces}
        )
        blocks = defaultdict(list)
        for place, compared in enumerate(self._compared):
            for block in self._blocks_of(compared):
                blocks[block].append(place)
        return blocks

    def _enter_names(self, place, record):
        for text in self._comparable.texts_of(record):
            self._named[text].append(place)

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
        """Return the places of the records that share a block with one: of a few new ones, all."""
        if self._blocks is None:
            return range(len(self.records))
        return {place for block in self._blocks_of(compared) for place in self._blocks.get(block, ())}

    def _blocks_of(self, compared):
        """
        Return the keys of blocks, of which two similar records share one: a code, a name, or two pieces of a name.

        Two names are similar only if what they share weighs enough. If two pieces are the rarest that they share, what
        they share weighs at most these and what is more frequent. (A typo is in neither of these.)
        """
        keys = {*compared.texts}
        for name in compared.names:
            alike = compared.THRESHOLDS[name.language] / 100
            enough = name.weight * alike / (2 - alike)
            pieces = sorted(name.pieces, key=lambda piece: (self._frequency[piece], piece in COMMON, piece))
            left = name.weight
            for place, piece in enumerate(pieces):
                if left < enough:
                    break
                weight = weight_of(piece) * name.pieces[piece]
                if weight >= enough:
                    keys.add(piece)
                left -= weight
                after = left
                for other in pieces[place + 1 :]:
                    if weight + after < enough:
                        break
                    keys.add((piece, other))
                    after -= weight_of(other) * name.pieces[other]
        blocks = {(compared.part, key) for key in keys}
        return blocks | {("", compared.code)} if compared.code else blocks


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
    """Return query sets of the records of a model: of every two that may be the same, one has both."""
    if model is not Tender:
        return [model.objects.all()]
    years = model.objects.order_by("year").values_list("year", flat=True).distinct()
    numbers = model.objects.exclude(official_number="").order_by().values("official_number")
    repeated = numbers.annotate(n=Count("pk")).filter(n__gt=1).values("official_number")
    return [*(model.objects.filter(year=year) for year in years), model.objects.filter(official_number__in=repeated)]


def find_pairs(parts):
    """Return (reference, reference, score, reason) of every two records of some parts that may be the same."""
    found = (
        (*pair_of(one, other.record), other.score, other.why)
        for records in parts
        for one, other in Index(records.model, records).pairs()
    )
    return list(dict.fromkeys(found))


def _by_score(candidate):
    return -candidate.score, getattr(candidate.record, "reference", candidate.record)  # a record, or its label


def pair_of(one, other):
    """Return the references of two records in the order in which pairs have them."""
    return tuple(sorted([one.reference, other.reference]))
