"""What the admin pages of institutions, companies and tenders share: citing, new parties, warnings of problems."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenders import actions, integrity
from tenders.admin.citing import CITING_FIELDS, CitingForm, is_ours, is_ticked_at_first, offers
from tenders.admin.duplicates import DuplicatesMixin
from tenders.admin.editorial import MOVES, PUBLISH, WITHDRAW, EditorialAdmin
from tenders.admin.fact_table import FactTable, new_statements, next_number
from tenders.admin.named_records import NamedRecordsForm, NamedRecordsMixin, typed_name
from tenders.admin.rows import RowForm
from tenders.admin.typed_values import TypedValuesForm
from tenders.admin.verdict_review import DryRun, roll_back
from tenders.bulk_actions import BATCH, MAX_NAMED, publish_many, withdraw_many
from tenders.choices import EditorialState
from tenders.models import Award, Citation
from tenders.models.parties import Party

MAX_ONE_BY_ONE = 20  # selected records of which each gets a message of its own
MOVED_IN_BULK = {PUBLISH: publish_many, WITHDRAW: withdraw_many}


class RecordForm(NamedRecordsForm, RowForm, TypedValuesForm, CitingForm):
    """A record."""


class RecordAdmin(NamedRecordsMixin, DuplicatesMixin, EditorialAdmin):
    """A record of the public database."""

    form = RecordForm
    change_form_template = "admin/tenders/record_change_form.html"
    actions = [*EditorialAdmin.actions, "merge_selected"]

    def get_fieldsets(self, request, obj=None):
        """Return the fields; where they stand is said by ``FactTable``."""
        names = [attribute.name for attribute in self.model.stored_attributes()]
        return [(None, {"fields": [*names, *(CITING_FIELDS if self._may_cite(request, obj) else [])]})]

    def _may_cite(self, request, obj):
        may_change = obj is None or self.has_change_permission(request, obj)
        return may_change and request.user.has_perm("tenders.add_citation")

    def save_model(self, request, obj, form, change):
        """Save a record; ``save_related`` compares it with what was there before."""
        form.new_parties = {}
        self._save_new_parties(request, form, form.new_parties)
        before = self.fresh(obj) if change else None
        form.facts_before = integrity.facts_of(before) if before else {}
        form.untrue_before = integrity.untrue_choices(before) if before else {}
        form.was_public = bool(before and before.is_published)
        form.saved_record = None
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        """Save what belongs to a record; its column follows a statement that is chosen anew, unless it was typed."""
        if formset.model is Award:
            for award_form in formset.forms:
                if award_form not in formset.deleted_forms:
                    self._save_new_parties(request, award_form, form.new_parties)
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
        saved = self.saved_record(form)
        if problems := integrity.new_untrue_choices(saved, form.untrue_before):
            roll_back(DryRun(problems=tuple(problems)))
        if form.was_public:
            uncited = tuple(integrity.uncited_changes(saved, form.facts_before))
            if uncited:
                roll_back(DryRun(uncited_facts=uncited))
        if "_popup" not in request.POST:
            self.warn_of_duplicates(request, form, change)

    def _save_new_parties(self, request, form, saved):
        """Save the parties that a form adds; one name is one party, wherever on the page (``saved``) it stands."""
        for name, value in getattr(form, "cleaned_data", {}).items():
            if isinstance(value, Party) and not value.pk:
                form.cleaned_data[name] = self._save_new_party(request, value, saved)
                setattr(form.instance, name, form.cleaned_data[name])
            elif isinstance(value, list):
                form.cleaned_data[name] = [
                    self._save_new_party(request, item, saved) if isinstance(item, Party) and not item.pk else item
                    for item in value
                ]

    def _save_new_party(self, request, party, saved):
        key = type(party), party.name_en, party.name_zh
        if key not in saved:
            party.save()
            self.log_addition(request, party, [{"added": {}}])
            self.message_user(request, _("%(party)s was added as a draft.") % {"party": typed_name(party)})
            saved[key] = party
        return saved[key]

    def fresh(self, record):
        return integrity.fresh(record)

    def saved_record(self, form):
        if form.saved_record is None:
            form.saved_record = self.fresh(form.instance)
        return form.saved_record

    def move(self, request, form):
        """Cite what is left to cite first: what no source supports is not published."""
        if request.user.has_perm("tenders.add_citation"):
            self._cite(request, form)
        stays_public = not any(button in request.POST for button in MOVES if button != "_publish")
        if stays_public and actions.is_public_with_parties(self.saved_record(form)):
            return []
        form.saved_record = None
        return super().move(request, form)

    def _cite(self, request, form):
        """Cite what is ours, and from the chosen source what was ticked; offer it to be ticked if it was not yet."""
        if form.new_source.has_changed() and not request.user.has_perm("tenders.add_source"):
            raise PermissionDenied
        data, source = form.cleaned_data, form.source_to_cite()
        uncited = integrity.uncited_facts(self.saved_record(form))
        parties = form.new_parties.values()
        is_new = source != data.get("cite_source")
        offered = offers(source, uncited, is_new=is_new, new_parties=parties) if source else {}
        if not offered.keys() <= {*data["cite_offered"]}:
            self._offer(request, data, source, offered)
        facts = [pair for pair in uncited if is_ours(*pair)]
        facts += [offered[key] for key in data["cite_facts"] if key in offered]
        place, reason = data["cite_place"], data["change_reason"]
        try:
            cited = actions.cite_uncited_facts(form.instance, facts, source=source, place=place, reason=reason)
            self._cite_new_parties(parties, cited, source, place)
            if cited:
                form.saved_record = None
        except ValidationError as error:
            roll_back(DryRun(problems=tuple(error.messages)))
        if source:
            n = len([citation for citation in cited if citation.source == source])
            message = ngettext("%(n)s fact was cited from “%(s)s”.", "%(n)s facts were cited from “%(s)s”.", n)
            self.message_user(request, message % {"n": n, "s": source}, messages.SUCCESS)

    def _cite_new_parties(self, parties, cited, source, place):
        """Cite the name of a new party from the source that names it."""
        for party in parties:
            names = [pair for pair in integrity.uncited_facts(party) if is_ours(*pair)]
            if any(one.source == source and party.reference in one.value.split("|") for one in cited):
                names += [pair for pair in integrity.uncited_facts(party) if source.may_have(*pair)]
            actions.cite_uncited_facts(party, names, source=source, place=place)

    def _offer(self, request, data, source, offered):
        """Roll back, and show the form with the facts that a source may be cited for; what was ticked stays so."""
        is_ticked = {key: key in data["cite_facts"] for key in data["cite_offered"]}
        ticked = [key for key, pair in offered.items() if is_ticked.get(key, is_ticked_at_first(source, *pair))]
        request.POST = request.POST.copy()
        request.POST.setlist("cite_offered", list(offered))
        request.POST.setlist("cite_facts", ticked)
        roll_back(DryRun(source_to_cite=source))

    def _move_selected(self, request, queryset, move):
        """Publish or withdraw many records in one go, and report that in one message."""
        keys = set(queryset.order_by().values_list("pk", flat=True)) if move in MOVED_IN_BULK else set()
        if len(keys) <= MAX_ONE_BY_ONE:
            return super()._move_selected(request, queryset, move)
        reason = request.POST.get("reason", "").strip()[:500]
        some = self.model.objects.filter(pk__in=keys).order_by("pk")
        objs = [*some.filter(state=EditorialState.PUBLISHED)[:MAX_NAMED], *some[:MAX_NAMED]][:MAX_NAMED]
        try:
            with self.reviewed_write(request, move.kind, objs, reason):
                outcome = MOVED_IN_BULK[move](self.model, keys, by=request.user, reason=reason)
                self._log_moves(request, outcome)
        except ValidationError as error:
            return self.message_user(request, " ".join(error.messages), messages.ERROR)
        heading = _("Published") if move is PUBLISH else _("Withdrawn")
        level = messages.WARNING if outcome.refused else messages.SUCCESS
        return self.message_user(request, " ".join(outcome.sentences(heading)), level)

    def _log_moves(self, request, outcome):
        for model, keys in outcome.moved.items():
            for start in range(0, len(keys), BATCH):
                moved = model.objects.filter(pk__in=sorted(keys)[start : start + BATCH])
                change = [{"changed": {"name": str(_("state")), "object": ""}}]
                LogEntry.objects.log_actions(request.user.pk, moved, CHANGE, change)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Begin a form for a new statement of each fact; of the facts of awards too, also of one that is added."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and inline.has_add_permission(request, obj):
            if inline.model is Citation:
                kwargs["initial"] = new_statements(obj)
            else:
                kwargs["initial"] = [{"number": next_number(obj)}]
        return kwargs

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["fact_table"] = FactTable(context["adminform"].form, context["inline_admin_formsets"])
        context["may_cite"] = self._may_cite(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def warn_of_problems(self, request, records):
        """Warn the editor of what does not fit together yet; ``check_data`` would report the same."""
        found = [problem for record in records for problem in integrity.citation_problems(record)]
        if found:
            message = _("Saved, with warnings: %(problems)s") % {"problems": " ".join(found)}
            self.message_user(request, message, messages.WARNING)
