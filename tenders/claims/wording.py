"""Words for the tenders that a query asks for: "34 identified tenders of 2018 and 2019", "won by a large firm"."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from tenders.choices import CompanySize
from tenders.claims.facts import OF_TIME
from tenders.claims.formatting import format_value
from tenders.facets import UNKNOWN
from tenders.fields import format_partial_date
from tenders.filters import TenderFilter

NUMBER = re.compile("\ue000([0-9]+)\ue001")  # the place of a number in a sentence
# Parameters whose values are titles, and those whose values are words of a phrase; the others have names.
QUOTED, WORDS = {"category", "institution_kind", "status", "method"}, {"company_size", "level"}
MOST_NAMED = 6  # values of one condition; of more, the others are named where these are fewer


@dataclass(frozen=True)
class Phrase:
    """
    A condition in words, with ``%(values)s``.

    ``full`` stands behind "was" or a tender, ``short`` where another phrase of the same condition goes before.
    ``unknown`` says of how many tenders the value is unknown.
    """

    full: str
    short: str = ""
    unknown: str = ""


PHRASES = {
    "region": Phrase(
        gettext_lazy("bought in %(values)s"),
        pgettext_lazy("bought", "in %(values)s"),
        gettext_lazy("of %(tenders)s the region is unknown"),
    ),
    "category": Phrase(
        gettext_lazy("filed under %(values)s"),
        gettext_lazy("under %(values)s"),
        gettext_lazy("of %(tenders)s the exact category is unknown"),
    ),
    "institution": Phrase(
        gettext_lazy("bought by %(values)s"),
        pgettext_lazy("bought", "by %(values)s"),
        gettext_lazy("of %(tenders)s the buyer is unknown"),
    ),
    "institution_kind": Phrase(
        gettext_lazy("bought by a buyer of the kind %(values)s"),
        pgettext_lazy("bought", "by the kind %(values)s"),
        gettext_lazy("of %(tenders)s the kind of buyer is unknown"),
    ),
    "level": Phrase(
        gettext_lazy("bought at %(values)s level"),
        gettext_lazy("at %(values)s level"),
        gettext_lazy("of %(tenders)s the level of the buyer is unknown"),
    ),
    "company": Phrase(
        gettext_lazy("won by %(values)s"),
        pgettext_lazy("won", "by %(values)s"),
        gettext_lazy("of %(tenders)s the winner is unknown"),
    ),
    "company_size": Phrase(
        gettext_lazy("won by a %(values)s firm"),
        gettext_lazy("by a %(values)s firm"),
        gettext_lazy("of %(tenders)s the size of the winner is unknown"),
    ),
    "supplier_region": Phrase(
        gettext_lazy("won by a firm from %(values)s"),
        gettext_lazy("by a firm from %(values)s"),
        gettext_lazy("of %(tenders)s it is unknown where the winner is registered"),
    ),
    "same_region": Phrase(
        gettext_lazy("won by a firm %(values)s"),
        unknown=gettext_lazy("of %(tenders)s it is unknown whether the winner is from the region of the purchase"),
    ),
    "main_subject": Phrase(
        gettext_lazy("%(values)s about blockchain"),
        unknown=gettext_lazy("of %(tenders)s it is unknown whether blockchain is the main subject"),
    ),
    "status": Phrase(
        gettext_lazy("recorded with the status %(values)s"),
        gettext_lazy("with the status %(values)s"),
        gettext_lazy("of %(tenders)s the status is unknown"),
    ),
    "method": Phrase(
        gettext_lazy("bought by the method %(values)s"),
        gettext_lazy("by the method %(values)s"),
        gettext_lazy("of %(tenders)s the method is unknown"),
    ),
    "amount": Phrase(gettext_lazy("awarded for an amount of %(values)s")),
    "amount_min": Phrase(gettext_lazy("awarded for at least %(values)s")),
    "amount_max": Phrase(gettext_lazy("awarded for at most %(values)s")),
}
OTHER_UNKNOWN = {  # by attribute, where no parameter has its name
    "award_amount": gettext_lazy("of %(tenders)s the amount is unknown"),
    "notice_date": gettext_lazy("of %(tenders)s the date of the notice is not known closely enough"),
}
VALUES = {  # where a label is no part of a phrase
    ("same_region", "yes"): gettext_lazy("of the region of the purchase"),
    ("same_region", "no"): gettext_lazy("of another region"),
    ("main_subject", "yes"): gettext_lazy("mainly"),
    ("main_subject", "no"): gettext_lazy("partly"),
    ("level", "local"): gettext_lazy("local"),
}


class Names:
    """The names of the values that the queries of some claims ask for, in the reader's language."""

    def __init__(self, evaluations):
        self._filters, self.parties = TenderFilter().filters, []  # the names of institutions and companies
        asked = {"institution": set(), "company": set()}
        for evaluation in evaluations:
            for result in evaluation.query_results:
                query = QueryDict(result.query)
                for name, references in asked.items():
                    references.update(query.getlist(name))
            for values, _references in evaluation.ranked:
                for name, references in asked.items():
                    references.update(value for value in values if value.startswith(f"{name[0].upper()}-"))
        for name, references in asked.items():
            if references - {UNKNOWN}:
                self.parties += self._filters[name].names_of(sorted(references - {UNKNOWN})).values()

    def label(self, name, value):
        """Return the name of one value of a parameter; the value itself where there is none."""
        return str(self._filters[name].labels([value]).get(value, value)).strip()

    def of(self, name, values):
        """Return the values of a parameter as one phrase: "Beijing or Shanghai"."""
        if name in ("amount_min", "amount_max"):
            return format_value(values[0], "yuan")
        if CompanySize.SMALL_OR_MICRO in values:
            values = [value for value in values if value not in (CompanySize.SMALL, CompanySize.MICRO)]
        found = self._filters["region" if name == "supplier_region" else name]
        labels = {value: str(label).strip() for value, label in found.labels(values).items()}
        labels |= {value: str(VALUES[name, value]) for value in labels if (name, value) in VALUES}
        if name == "same_region" and len(labels) > 1:
            return _("whose region is known")
        pattern = _("“%(value)s”") if name in QUOTED else "%(value)s"
        named = [pattern % {"value": _lower(label) if name in WORDS else label} for label in labels.values()]
        return _joined(named, pgettext("between values", " or "))

    def phrase(self, name, values, *, is_short=False):
        """Return the condition that a parameter has one of some values; a long list of regions as what is outside."""
        if name == "region" and len(values) > MOST_NAMED:
            others = [value for value in self._filters[name].known_values if value not in values]
            if 0 < len(others) <= MOST_NAMED:
                return _("bought outside %(values)s") % {"values": self.of(name, others)}
        if name not in PHRASES:
            return _("with %(label)s: %(values)s") % {
                "label": self._filters[name].label,
                "values": self.of(name, values),
            }
        phrase = PHRASES[name]
        return (phrase.short if is_short and phrase.short else phrase.full) % {"values": self.of(name, values)}


def _lower(label):
    return label[:1].lower() + label[1:]


def _joined(texts, last, comma=None):
    comma = comma or pgettext("in a list", ", ")
    return last.join(filter(None, [comma.join(texts[:-1]), texts[-1]])) if texts else ""


def time_of(query):
    """Return the time that a query string asks for: "of 2018 and 2019"; empty where it asks for none."""
    asked = QueryDict(query)
    first, last = (asked.get(name, "") for name in ("date_from", "date_to"))
    if first or last:
        days = {"first": format_partial_date(first), "last": format_partial_date(last)}
        if first == last:
            return pgettext("tenders", "of %(time)s") % {"time": days["first"]}
        pattern = (
            _("from %(first)s to %(last)s")
            if first and last
            else _("since %(first)s")
            if first
            else _("up to %(last)s")
        )
        return pattern % days
    numbers = sorted(asked.getlist("year"))
    years = list(map(format_partial_date, numbers))
    if len(years) > 2 and int(numbers[-1]) - int(numbers[0]) == len(years) - 1:
        return _("from %(first)s to %(last)s") % {"first": years[0], "last": years[-1]}
    return pgettext("tenders", "of %(time)s") % {"time": _joined(years, pgettext("years", " and "))} if years else ""


def conditions_of(query):
    """Return what a query string asks for beside the time, as {parameter: values}."""
    return {name: values for name, values in QueryDict(query).lists() if name not in {"article", *OF_TIME}}


@dataclass(frozen=True)
class Tally:
    """A number of tenders in a sentence; as text it is its place in it."""

    place: int
    references: tuple
    address: str  # the query string of their list; empty where no query gives just these

    @property
    def number(self):
        return len(self.references)

    def __str__(self):
        return f"\ue000{self.place}\ue001"


class Wording:
    """The words of one sentence, and the numbers of tenders in it (``tallies``)."""

    def __init__(self, names):
        self.names, self.tallies = names, []

    def tally(self, references, address=""):
        self.tallies.append(Tally(len(self.tallies), references, address))
        return self.tallies[-1]

    def which(self, query):
        """Return which tenders a query asks for: "of 2019 bought in Fujian"; empty for all that an article counts."""
        features = self._features(conditions_of(query))
        pieces = {"time": time_of(query), "features": features}
        if not features:
            return pieces["time"]
        pattern = pgettext("which tenders", "%(time)s %(features)s") if pieces["time"] else "%(features)s"
        return pgettext("which tenders", "%(which)s") % {"which": pattern % pieces}

    def _features(self, conditions):
        phrases = [self.names.phrase(name, values) for name, values in conditions.items()]
        return _joined(phrases, pgettext("between conditions", " and "))

    def tenders(self, references, query, address=""):
        """Return how many identified tenders there are of which a query asks, in words."""
        tally, which = self.tally(references, address), self.which(query)
        if not which:
            text = ngettext("%(n)s identified tender", "%(n)s identified tenders", tally.number)
        else:
            text = ngettext("%(n)s identified tender %(which)s", "%(n)s identified tenders %(which)s", tally.number)
        return text % {"n": tally, "which": which}

    def none(self, query):
        """Return the sentence that no tender of a query is identified."""
        which = self.which(query)
        return _("No tender %(which)s is identified.") % {"which": which} if which else _("No tender is identified.")

    def whole(self, evaluation):
        """Return how many tenders are identified of the time that a claim asks for, in words."""
        return self.tenders(evaluation.whole, evaluation.whole_query, evaluation.whole_query)

    def were(self, result, whole_query=""):
        """Return how many tenders meet a query, in words, without the conditions that the whole has too."""
        beside = conditions_of(whole_query)
        own = {name: values for name, values in conditions_of(result.query).items() if beside.get(name) != values}
        values = {"n": self.tally(result.listed, result.address), "what": self._features(own)}
        if not result.listed:
            return _("none was %(what)s") % values
        return ngettext("%(n)s was %(what)s", "%(n)s were %(what)s", len(result.listed)) % values

    def ranked(self, facet, groups):
        """Return how many tenders have each of some groups of values, in words; ``groups`` are (values, references)."""
        values, references = groups[0]
        predicate = {"n": self.tally(references), "what": self.names.phrase(facet, list(values))}
        texts = [
            ngettext("%(n)s was %(what)s", "%(n)s were %(what)s", len(references)) % predicate
            if references
            else _("none was %(what)s") % predicate
        ]
        for values, references in groups[1:]:
            short = {"n": self.tally(references), "what": self.names.phrase(facet, list(values), is_short=True)}
            texts.append(_("%(n)s %(what)s") % short)
        return texts

    def undecided(self, attribute, references, whole=None):
        """Return of how many tenders it is unknown whether they belong there; where the whole has none, of others."""
        if not references:
            return ""
        inside = tuple(reference for reference in references if whole is None or reference in whole)
        tally = self.tally(inside or references)
        if inside:
            tenders = pgettext("some of the tenders", "%(n)s") % {"n": tally}
        else:
            tenders = ngettext("%(n)s other", "%(n)s others", tally.number) % {"n": tally}
        phrase = PHRASES[attribute].unknown if attribute in PHRASES else OTHER_UNKNOWN.get(attribute, "")
        return (phrase or _("of %(tenders)s too little is known")) % {"tenders": tenders}


def sentence(whole, parts, unknown=""):
    """Return a sentence of a number of tenders, what is so of some, and of how many it is unknown."""
    values = {"whole": whole, "parts": parts, "unknown": unknown}
    if unknown:
        return _("Of %(whole)s, %(parts)s; %(unknown)s.") % values
    return _("Of %(whole)s, %(parts)s.") % values


def listed(texts):
    """Return parts of a sentence as a list: "a, b and c"."""
    return _joined(texts, pgettext("between parts", " and "), pgettext("between parts", ", "))
