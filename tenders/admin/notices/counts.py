"""What editors changed of what was proposed, by field and by version of the table of labels."""

from collections import Counter
from dataclasses import dataclass

from tenders.models import Award, Tender


@dataclass(frozen=True)
class FieldCount:
    """How often a field was proposed, and how often that was kept, changed or emptied; or filled in by hand."""

    label: str
    proposed: int
    kept: int
    changed: int
    emptied: int
    by_hand: int

    @property
    def share_kept(self):
        """How many percent of what was proposed was kept; None where nothing was proposed."""
        return round(100 * self.kept / self.proposed) if self.proposed else None


def counts_by_field(intakes):
    """Return [(version of the labels, number of notices, [FieldCount])], the newest version first."""
    versions = {}
    for intake in intakes.order_by("-saved_at"):
        versions.setdefault(intake.labels_version, []).append(intake)
    return [(version, len(found), list(_counts(found))) for version, found in versions.items()]


def _counts(intakes):
    found = {}
    for intake in intakes:
        for key in intake.proposed:
            number, _dot, name = key.rpartition(".")
            counter = found.setdefault((bool(number), name), Counter())
            counter[_outcome(intake.proposed[key], intake.saved.get(key, ""))] += 1
    for (is_of_award, name), counter in found.items():
        label = (Award if is_of_award else Tender)._meta.get_field(name).verbose_name
        proposed = counter["kept"] + counter["changed"] + counter["emptied"]
        yield FieldCount(label, proposed, counter["kept"], counter["changed"], counter["emptied"], counter["by hand"])


def _outcome(proposed, saved):
    if not proposed:
        return "by hand" if saved else "unknown"
    if proposed == saved:
        return "kept"
    return "changed" if saved else "emptied"
