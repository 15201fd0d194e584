"""The fact table of a record's form: a row for each attribute, with what is stated of it and by what."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.admin.utils import flatten
from django.db.models import Max
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenders.kinds import RelatedRecord
from tenders.models import Award, Citation, Tender
from tenders.models.attributes import Attribute
from tenders.models.sources import TYPED_FACTS


def display_value(attribute, text):
    """Return a canonical text as editors read it: names and labels, not codes."""
    kind = attribute.kind
    if not text or not isinstance(kind, RelatedRecord):
        return kind.format(text) if text else ""
    names = {getattr(record, kind.lookup): str(record) for record in kind.records(kind.codes(text))}
    return _("; ").join(names.get(code, code) for code in kind.codes(text))


@dataclass
class Statement:
    """A citation of a row, and its form where it may be changed."""

    citation: Citation
    value: str
    form: object = None


@dataclass
class Row:
    """
    An attribute of a record or an award: its value, the fields in which it is entered, and what sources state of it.

    ``details`` stand beside the value, and ``new_statement`` is the form of another statement.
    """

    attribute: Attribute
    label: str
    value: str
    details: list
    fields: list
    statements: list = field(default_factory=list)
    new_statement: object = None

    @property
    def chosen(self):
        """The statement that the record follows, else the first one; None without any."""
        return next((one for one in self.statements if one.citation.is_chosen), next(iter(self.statements), None))

    @property
    def is_uncited(self):
        return bool(self.attribute.fact and self.value and not self.statements)

    @property
    def is_disputed(self):
        values = {statement.citation.value for statement in self.statements}
        return self.attribute.fact in TYPED_FACTS and len(values) > 1

    @property
    def is_open(self):
        """Whether something in it has to be looked at: an error, or what was typed and is not saved."""
        is_stated = any(form.is_bound and form.has_changed() for form in self.statement_forms)
        is_typed = any(bound.form.is_bound and bound.name in bound.form.changed_data for bound in self.fields)
        return is_stated or is_typed or any(bound.errors for bound in self.fields)

    @property
    def is_shown(self):
        """Whether it stands in the table; what is unknown is folded."""
        return bool(self.value or self.statements or self.is_open)

    @property
    def errors(self):
        """Yield (label, message, id of the input) for what is wrong in it."""
        for bound in self.fields:
            for message in bound.errors:
                yield bound.label, message, bound.id_for_label
        for form in self.statement_forms:
            for name, messages in form.errors.items():
                is_seen = name in form.fields and not form[name].is_hidden
                for message in messages:
                    yield self.label, message, form[name].id_for_label if is_seen else form.prefix

    @property
    def statement_forms(self):
        forms = [*(statement.form for statement in self.statements), self.new_statement]
        return [form for form in forms if form is not None]


@dataclass
class Section:
    """The rows of a record, or of one of its awards, which has a form of its own (``award_form``)."""

    title: str
    rows: list
    award_form: object = None

    @property
    def known(self):
        return [row for row in self.rows if row.is_shown]

    @property
    def unknown(self):
        return [row for row in self.rows if not row.is_shown]

    @property
    def is_new(self):
        return self.award_form is not None and not self.award_form.instance.pk


class FactTable:
    """The sections of a form: the record, each of its awards, and one that may be added."""

    def __init__(self, form, inline_formsets):
        self.form = form
        self.record = form.instance
        self.is_new = self.record.pk is None
        self.formsets = [inline.formset for inline in inline_formsets]
        self.awards, self.citations = (
            next((inline for inline in inline_formsets if inline.formset.model is model), None)
            for model in (Award, Citation)
        )

    @cached_property
    def sections(self):
        """The section of the record, then those of its awards."""
        sections = [Section(capfirst(self.record._meta.verbose_name), self._rows(self.record, self.form))]
        for form in self._award_forms():
            number = form["number"].value()
            title = _("Award %(number)s") % {"number": number} if form.instance.pk else _("A new award")
            sections.append(Section(title, self._rows(form.instance, form, number), form))
        return sections

    @property
    def errors(self):
        """Yield (label, message, id of the input) for all that is wrong on the page."""
        shown = set()
        for section in self.sections:
            for row in section.rows:
                yield from row.errors
                shown |= {bound.html_name for bound in row.fields}
        forms = [self.form, getattr(self.form, "new_source", None), *(section.award_form for section in self.sections)]
        for form in forms:
            for name, messages in form.errors.items() if form is not None else ():
                bound = form[name] if name in form.fields else None
                if bound is None or bound.html_name not in shown:
                    for message in messages:
                        yield bound and bound.label, message, bound and bound.id_for_label
        placed = [form for section in self.sections for row in section.rows for form in row.statement_forms]
        for form in self.citations.formset.forms if self.citations else ():
            for message in flatten(form.errors.values()) if form not in placed else ():
                yield None, message, None
        for formset in self.formsets:
            for message in formset.non_form_errors():
                yield None, message, None

    def new_statement(self, number, fact):
        """Return the form of a new statement of a fact of the record, or of the award with a number; None without."""
        forms = self._statement_forms[str(number or ""), fact]
        return next((form for form in forms if not form.instance.pk), None)

    def _award_forms(self):
        if self.awards is None:
            return []
        return [form for form in self.awards.formset.forms if form.instance.pk or self.awards.has_add_permission]

    @cached_property
    def _statement_forms(self):
        """The forms of statements, by the number of their award (empty for the record) and their fact."""
        found = defaultdict(list)
        for form in self.citations.formset.forms if self.citations else ():
            number = form["award_number"].value() if "award_number" in form.fields else None
            found[str(number or ""), form["fact"].value()].append(form)
        return found

    def _rows(self, target, form, number=""):
        beside = defaultdict(list)
        for attribute in target.ATTRIBUTES:
            beside[attribute.qualifies or attribute.translates].append(attribute.name)
        rows = [
            self._row(attribute, target, form, str(number), beside[attribute.name])
            for attribute in target.ATTRIBUTES
            if not (attribute.qualifies or attribute.translates) and attribute.name != "number"
        ]
        return [row for row in rows if row.fields or row.value or row.statements or not row.attribute.is_optional]

    def _row(self, attribute, target, form, number, beside):
        text = attribute.canonical(target) if target.pk else ""
        if text == "no" and attribute.fact is None:  # a mark that is not set
            text = ""
        row = Row(
            attribute=attribute,
            value=display_value(attribute, text),
            label=attribute.fact.label if attribute.fact else target._meta.get_field(attribute.name).verbose_name,
            details=[_detail(target, name) for name in beside if target.pk and text],
            fields=[form[name] for name in (attribute.name, *beside) if name in form.fields],
        )
        may_change = self.citations is not None and self.citations.has_change_permission
        may_add = self.citations is not None and self.citations.has_add_permission
        for statement_form in self._statement_forms[number, attribute.fact] if attribute.fact else ():
            citation = statement_form.instance
            if citation.pk:
                shown = display_value(attribute, citation.value)
                row.statements.append(Statement(citation, shown, statement_form if may_change else None))
            elif may_add:
                row.new_statement = statement_form
        return row


def new_statements(record):
    """Return the initial values of forms of new statements: one for each fact of a record and of its awards."""
    chosen = set(record.citations.filter(is_chosen=True).values_list("award__number", "fact")) if record.pk else set()
    facts = [(None, fact) for fact in record.FACTS]
    if isinstance(record, Tender):
        numbers = list(record.awards.values_list("number", flat=True)) if record.pk else []
        facts += [(number, fact) for number in [*numbers, next_number(record)] for fact in Award.FACTS]
    return [{"award_number": key[0], "fact": key[1], "is_chosen": key not in chosen} for key in facts]


def next_number(tender):
    """Return the number of an award that is added to a tender."""
    last = tender.awards.aggregate(last=Max("number"))["last"] if tender.pk else 0
    return (last or 0) + 1


def _detail(target, name):
    """Return what stands beside a value: what a title rests on, how exact an amount is, the Chinese of a city."""
    display = getattr(target, f"get_{name}_display", None)
    if display:
        return display()
    value = getattr(target, name)
    if isinstance(value, bool):  # a mark: what it says, if it is set
        return target._meta.get_field(name).verbose_name if value else ""
    return value
