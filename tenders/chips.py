"""The filters of a list that are set: as chips, each of which a reader may remove, and as a sentence."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenders.facets import UNKNOWN, OptionsFilter
from tenders.languages import strip_cjk_spaces

DISPLAY_PARAMETERS = {"per_page", "view", "columns"}  # stay when a filter is set or removed

# Parameters whose values need no label: "2019, Beijing", but "status: complete".
SPEAK_FOR_THEMSELVES = {"year", "region", "city", "category", "institution", "company", "institution_kind", "kind"}
SPEAK_FOR_THEMSELVES |= {"reference"}
# Parameters whose values are statements: "won by an outside supplier".
STATEMENTS = {"same_region", "main_subject", "disputed", "certainty"}


@dataclass(frozen=True)
class Chip:
    """A filter that is set: its words, and the query string of the list without it."""

    name: str
    label: str
    text: str
    is_unknown: bool
    without: str

    @property
    def is_statement(self):
        return self.name in STATEMENTS and not self.is_unknown


def chips(filterset):
    """Return a chip for each filter that is set."""
    found = []
    for name, values in filterset.data.lists():
        parameter = filterset.get_filter(name)
        if parameter is None or name == "sort":
            continue
        labels = parameter.labels(values) if isinstance(parameter, OptionsFilter) else {}
        for value in values:
            text = str(labels.get(value, value)).strip()
            without = filterset.query_string(without={(name, value)}, also=DISPLAY_PARAMETERS)
            found.append(Chip(name, str(parameter.label), text, value == UNKNOWN, without))
    return found


def in_words(chips):
    """Say what a list is narrowed to: "2019, Beijing or Guangdong, awarded amount unknown"."""
    groups = {}
    for chip in chips:
        if chip.is_unknown:
            words = _("%(what)s unknown") % {"what": _lower(chip.label)}
        elif chip.name == "q":
            words = _("“%(words)s”") % {"words": chip.text}
        elif chip.is_statement:
            words = _lower(chip.text)
        elif chip.name in SPEAK_FOR_THEMSELVES:
            words = chip.text
        else:
            words = _("%(what)s: %(value)s") % {"what": _lower(chip.label), "value": chip.text}
        groups.setdefault(chip.name, []).append(words)
    either = str(_(" or "))  # of one alone the spaces stay: a reader may have typed them
    return str(_(", ")).join(
        words[0] if len(words) == 1 else strip_cjk_spaces(either.join(words)) for words in groups.values()
    )


def _lower(label):
    return label[:1].lower() + label[1:]
