"""What the admin pages of institutions, companies and tenders share: layout, citing, warnings of problems."""

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenders import actions, integrity
from tenders.admin.citing import CITING_FIELDS, CitingForm, is_ours, is_ticked_at_first, offers
from tenders.admin.duplicates import DuplicatesMixin
from tenders.admin.editorial import EditorialAdmin
from tenders.admin.verdict_review import DryRun, roll_back
from tenders.models import Citation


class RecordForm(CitingForm):
    """A record, with room for its names."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"title_en", "title_zh", "name_en", "name_zh"} & set(self.fields):
            self.fields[name].widget.attrs["class"] = "vLargeTextField"


CITING = (_("Citing"), {"fields": CITING_FIELDS})


def with_chinese(model, lines):
    """Return the lines of a form, in each of which the texts of editors have their Chinese beside them."""
    chinese = {attribute.translates: [attribute.name] for attribute in model.ATTRIBUTES if attribute.translates}
    fields = [[[name, *chinese.get(name, [])] for name in flatten([line])] for line in lines]
    return [tuple(flatten(names)) for names in fields]


def record_fieldsets(model, heading, facts):
    """Return the fieldsets of a record's form; attributes that neither places follow at the end of the facts."""
    heading, facts = with_chinese(model, heading), with_chinese(model, facts)
    placed = {*flatten(heading), *flatten(facts)}
    others = [attribute.name for attribute in model.stored_attributes() if attribute.name not in placed]
    return [(None, {"fields": heading}), (_("Facts"), {"fields": [*facts, *others]}), CITING]


class RecordAdmin(DuplicatesMixin, EditorialAdmin):
    """A record of the public database."""

    form = RecordForm
    actions = [*EditorialAdmin.actions, "merge_selected"]
    readonly_fields = ["shown_reference", "state"]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        may_change = obj is None or self.has_change_permission(request, obj)
        may_cite = may_change and request.user.has_perm("tenders.add_citation")
        return [fieldset for fieldset in fieldsets if fieldset != CITING or may_cite]

    @admin.display(description=_("reference"))
    def shown_reference(self, record):
        return record.reference or _("given when it is first saved")

    def save_model(self, request, obj, form, change):
        """Save a record; ``save_related`` compares it with what was there before."""
        before = self._fresh(obj) if change else None
        form.facts_before = integrity.facts_of(before) if before else {}
        form.untrue_before = integrity.untrue_choices(before) if before else {}
        form.was_public = bool(before and before.is_published)
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        """Save what belongs to a record; its column follows a statement that is chosen anew, unless it was typed."""
        super().save_formset(request, form, formset, change)
        for citation in formset.newly_followed() if formset.model is Citation else ():
            typed = citation.target.canonical(citation.fact)
            before, _stated = form.facts_before.get((citation.award_id, citation.fact), ("", ""))
            if typed == before != citation.value:
                try:
                    actions.follow(citation)
                except ValidationError as error:
                    roll_back(DryRun(problems=tuple(error.messages)))

    def save_related(self, request, form, formsets, change):
        """Save what belongs to a record; roll back what is not true, and a public fact that no source is cited for."""
        super().save_related(request, form, formsets, change)
        if problems := integrity.new_untrue_choices(form.instance, form.untrue_before):
            roll_back(DryRun(problems=tuple(problems)))
        if form.was_public:
            uncited = tuple(integrity.uncited_changes(self._fresh(form.instance), form.facts_before))
            if uncited:
                roll_back(DryRun(uncited_facts=uncited))
        if "_popup" not in request.POST:
            self.warn_of_duplicates(request, form, change)

    def _fresh(self, record):
        return integrity.with_citations(type(record).objects.filter(pk=record.pk)).get()

    def move(self, request, form):
        """Cite what is left to cite first: what no source supports is not published."""
        if request.user.has_perm("tenders.add_citation"):
            self._cite(request, form)
        return super().move(request, form)

    def _cite(self, request, form):
        """Cite what is ours, and from the chosen source what was ticked; offer it to be ticked if it was not yet."""
        data, source = form.cleaned_data, form.cleaned_data.get("cite_source")
        uncited = integrity.uncited_facts(form.instance)
        offered = offers(source, uncited) if source else {}
        if not offered.keys() <= {*data["cite_offered"]}:
            self._offer(request, data, source, offered)
        facts = [pair for pair in uncited if is_ours(*pair)]
        facts += [offered[key] for key in data["cite_facts"] if key in offered]
        place, reason = data["cite_place"], data["change_reason"]
        try:
            cited = actions.cite_uncited_facts(form.instance, facts, source=source, place=place, reason=reason)
        except ValidationError as error:
            roll_back(DryRun(problems=tuple(error.messages)))
        if source:
            n = len([citation for citation in cited if citation.source == source])
            message = ngettext("%(n)s fact was cited from “%(s)s”.", "%(n)s facts were cited from “%(s)s”.", n)
            self.message_user(request, message % {"n": n, "s": source}, messages.SUCCESS)

    def _offer(self, request, data, source, offered):
        """Roll back, and show the form with the facts that a source may be cited for; what was ticked stays so."""
        is_ticked = {key: key in data["cite_facts"] for key in data["cite_offered"]}
        ticked = [key for key, pair in offered.items() if is_ticked.get(key, is_ticked_at_first(source, *pair))]
        request.POST = request.POST.copy()
        request.POST.setlist("cite_offered", list(offered))
        request.POST.setlist("cite_facts", ticked)
        roll_back(DryRun(source_to_cite=source))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        citations = next((formset for formset in formsets if formset.model is Citation), None)
        context["disagreements"] = citations.disagreements() if citations else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def warn_of_problems(self, request, records):
        """Warn the editor of what does not fit together yet; ``check_data`` would report the same."""
        found = [problem for record in records for problem in integrity.citation_problems(self._fresh(record))]
        if found:
            message = _("Saved, but not yet right: %(problems)s") % {"problems": " ".join(found)}
            self.message_user(request, message, messages.WARNING)
