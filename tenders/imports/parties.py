"""The bodies that a file names: those there are, found by reference or by name, and drafts of those there are not."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tenders.choices import NameStatus
from tenders.imports.cells import reader_of
from tenders.models import RedirectedReference
from tenders.search import HAN, fold


@dataclass(frozen=True)
class Named:
    """
    The body that a cell names; ``candidates`` are records of which a new one may be another spelling.

    ``similar_names`` are such bodies that the file itself names before: (name, row).
    """

    party: Model
    candidates: tuple = ()
    similar_names: tuple = ()


class Parties:
    """
    The institutions, or the companies, that a file names.

    Each that is not there yet becomes a draft, once for the whole file.
    """

    def __init__(self, model, index, *, is_sourced):
        self.model, self.index = model, index
        self.status = NameStatus.SOURCED if is_sourced else NameStatus.UNVERIFIED
        self.known, self._former, self._drafts, self._called = {}, {}, {}, {}
        self._rows = {}  # by the identity of a draft, the first row that names it
        self._readers = {name: reader_of(model._meta.get_field(name)) for name in ("name_en", "name_zh")}

    def know(self, references):
        """Load the records of some references, where they were merged those that they lead to, and forget others."""
        self._former = RedirectedReference.objects.resolve(references) if references else {}
        wanted = {*references, *self._former.values()}
        self.known = self.model.objects.in_bulk(wanted, field_name="reference") if wanted else {}

    @cached_property
    def _new(self):
        """The drafts, to be compared with each other."""
        return self.index(self.model).of_new_records()

    def find(self, row, reference, name_en="", name_zh=""):
        """
        Return whom a reference in a row names; where it stands for no record yet, a draft that keeps it.

        Raises ``ValidationError`` for a reference of no record without a name.
        """
        if found := self.known.get(self._former.get(reference, reference)):
            return Named(found)
        if reference in self._former:
            raise ValidationError(
                _("%(reference)s was merged into %(kept)s, which is not there any longer. Write another reference."),
                params={"reference": reference, "kept": self._former[reference]},
            )
        if not (name_en or name_zh):
            raise ValidationError(
                _("There is no such %(kind)s. Write the reference of one that there is, or a name beside it."),
                params={"kind": self.model._meta.verbose_name},
            )
        if reference not in self._drafts:
            self._drafts[reference] = self._draft(row, name_en, name_zh, reference=reference)
        return self._drafts[reference]

    def named(self, row, name_en, name_zh):
        """
        Return whom a name in a row names: the one that is called so, or a draft.

        Raises ``ValidationError`` when several are called so.
        """
        found = self.index(self.model).exact(name_en, name_zh)
        if len(found) > 1:
            raise ValidationError(
                _("Several are called so: %(references)s. Write the reference of the one that is meant."),
                params={"references": _(", ").join(each.reference for each in found)},
            )
        if found:
            return Named(found[0])
        called = next((name for name in (fold(name_zh), fold(name_en)) if name in self._called), None)
        return self._called[called] if called else self._draft(row, name_en, name_zh)

    def read_name(self, text):
        """Return a name in one language or the other as (English, Chinese)."""
        language = "name_zh" if HAN.search(text) else "name_en"
        name = self._readers[language](text)
        return ("", name) if language == "name_zh" else (name, "")

    def _draft(self, row, name_en, name_zh, **fields):
        names = {"name_en": self._readers["name_en"](name_en), "name_zh": self._readers["name_zh"](name_zh)}
        statuses = {f"{name}_status": self.status if text else "" for name, text in names.items()}
        draft = self.model(**names, **statuses, **fields)
        alike = [each.record for each in self._new.similar(draft)]
        found = Named(
            draft,
            tuple(each.record for each in self.index(self.model).similar(draft)),
            # Two that have references of their own are two.
            tuple((str(each), self._rows[id(each)]) for each in alike if not (draft.reference and each.reference)),
        )
        self._new.add(draft)
        self._rows[id(draft)] = row
        self._called |= {fold(name): found for name in names.values() if name}
        return found
