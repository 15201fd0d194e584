"""The pages of notices: paste or upload one, see what was read, save it as a draft or beside a tender that is here."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from tenders import actions, integrity
from tenders.admin.citing import is_ours
from tenders.admin.notices.additions import addition_to, known_tenders, similar_tenders
from tenders.admin.notices.counts import counts_by_field
from tenders.admin.notices.drafts import Draft, draft_of
from tenders.admin.notices.forms import (
    NoticeAwardFormSet,
    NoticeCitationForm,
    NoticeCitationFormSet,
    NoticeForm,
    NoticeTenderForm,
    disputed_facts,
    statements,
    take,
)
from tenders.admin.notices.masking import read_masked
from tenders.admin.notices.saving import cite_new_parties, finish_intake
from tenders.admin.notices.screen import parts_of, sections_of
from tenders.admin.verdict_review import REDISPLAY, DryRun, roll_back
from tenders.choices import FileFormat
from tenders.evidence.files import CheckedFile, keep_file, store_unassigned
from tenders.evidence.formats import format_of
from tenders.models import Award, Citation, NoticeIntake, Source, SourceFile, Tender
from tenders.notices import UnreadableNotice

TAKE = "_take"  # the button that takes an option, without script
NEEDED = ("tenders.add_tender", "tenders.add_source", "tenders.add_citation")


def may_read_notices(user):
    """Return whether somebody may make drafts of notices."""
    return user.has_perms(NEEDED)


@dataclass
class Notice:
    """A notice while its form is shown or saved; ``kept_source`` is that of the same file, if it is here already."""

    intake: NoticeIntake
    content: bytes
    draft: Draft
    tender: Tender | None
    kept_source: Source | None
    source: Source = None
    disputed: set = field(default_factory=set)

    def __post_init__(self):
        self.source = self.kept_source
        self.disputed = disputed_facts(self.draft)

    @property
    def checked(self):
        """The file of the notice."""
        return CheckedFile(self.intake.name, self.content, self.intake.sha256, format_of(self.content))

    @property
    def reason(self):
        """The reason of a change of what is public, for readers, by the name of its field."""
        if self.tender is None or not self.tender.is_published:
            return {}
        return {"change_reason": (_("From: %(source)s") % {"source": self.draft.source["title"]})[:500]}

    @staticmethod
    def attributes(number):
        return (Award if number else Tender).ATTRIBUTES


class NoticeMixin:
    """The pages of notices in the admin of tenders."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("notice/", view(self.notice_upload_view), name="tenders_tender_notice"),
            path("notice/changes/", view(self.notice_counts_view), name="tenders_tender_notice_counts"),
            path("notice/<slug:token>/", view(self.notice_view), name="tenders_tender_notice_new"),
            path("notice/<slug:token>/<int:tender>/", view(self.notice_view), name="tenders_tender_notice_known"),
            *super().get_urls(),
        ]

    def notice_form(self, request):
        """Return the form of the front page in which a notice is pasted; None for those who may not."""
        return NoticeForm() if may_read_notices(request.user) else None

    def notice_upload_view(self, request):
        """Store a notice for a day, and lead to its draft, or to the tender that it is another notice of."""
        if not may_read_notices(request.user):
            raise PermissionDenied
        return self._upload_notice(request)

    def _upload_notice(self, request):
        NoticeIntake.objects.expired().delete()
        form = NoticeForm(request.POST, request.FILES) if request.method == "POST" else NoticeForm()
        if form.is_valid():
            intake = NoticeIntake(
                sha256=form.checked.sha256,
                name=form.checked.name,
                is_pasted=not form.cleaned_data["file"],
                url=form.cleaned_data["url"],
                by=request.user,
            )
            try:
                store_unassigned(form.checked)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                intake.save()
                return redirect(self._address_of(intake, draft_of(form.reading, intake)))
        return self.page(request, "notice_upload", form=form, title=_("Paste or upload a notice"))

    def _address_of(self, intake, draft):
        kept = _tenders_of_file(intake.sha256) or known_tenders(draft)
        if len(kept) == 1:
            return reverse("admin:tenders_tender_notice_known", args=[intake.token, kept[0].pk])
        return reverse("admin:tenders_tender_notice_new", args=[intake.token])

    def notice_counts_view(self, request):
        """Show what editors changed of what was proposed, by field."""
        if not may_read_notices(request.user):
            raise PermissionDenied
        groups = counts_by_field(NoticeIntake.objects.saved())
        return self.page(request, "notice_counts", groups=groups, title=_("What editors changed in drafts of notices"))

    def notice_view(self, request, token, tender=None):
        """Show the form of a notice, and save it."""
        if not may_read_notices(request.user):
            raise PermissionDenied
        intake = get_object_or_404(NoticeIntake, token=token, by=request.user)
        if intake.saved_at:
            saved = Tender.objects.filter(reference=intake.tender).first()
            return redirect("admin:tenders_tender_change", saved.pk) if saved else redirect("admin:index")
        record = get_object_or_404(Tender, pk=tender) if tender else None
        if record and not self.has_change_permission(request, record):
            return self._refuse_addition(request, record)
        try:
            content = intake.read()
            reading = read_masked(content, name=intake.name, is_text=format_of(content) != FileFormat.HTML)
        except (OSError, UnreadableNotice):
            self.message_user(request, _("Paste or upload the notice again: it is kept for a day."), messages.ERROR)
            return redirect("admin:tenders_tender_notice")
        draft = draft_of(reading, intake)
        shown = addition_to(record, draft) if record else draft
        kept = Source.objects.filter(files__sha256=intake.sha256).order_by("pk").first()
        request.notice = Notice(intake, content, shown, record, kept)
        context = {
            "title": _("Another notice of a tender") if record else _("New tender from a notice"),
            "known": [] if record else _others(draft),
        }
        return self._notice_form(request, record, context)

    def _notice_form(self, request, record, context):
        if request.method == "POST" and TAKE in request.POST:
            self._take(request)
        return self.changeform_view(request, str(record.pk) if record else None, extra_context=context)

    def _refuse_addition(self, request, record):
        message = _(
            "%(tender)s is here already, and you can’t change it. Add the notice as a source under Sources, and tell "
            "an editor."
        )
        self.message_user(request, message % {"tender": record.reference}, messages.WARNING)
        return redirect("admin:tenders_tender_change", record.pk)

    def _take(self, request):
        """Fill in the option of the pressed button, and show the form again."""
        posted = request.POST.copy()
        posted[REDISPLAY] = "on"
        take(posted, request.notice.draft, posted.pop(TAKE)[0])
        request.POST = posted

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if notice := getattr(request, "notice", None):
            return type(form.__name__, (NoticeTenderForm, form), {"notice": notice})
        return form

    def get_formsets_with_inlines(self, request, obj=None):
        notice = getattr(request, "notice", None)
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if notice is None:
                yield formset, inline
            elif formset.model is Award:
                kept = set(obj.awards.values_list("number", flat=True)) if obj and obj.pk else set()
                extra = len(notice.draft.awards.keys() - kept)
                own = {"notice": notice, "extra": extra}
                yield type(formset.__name__, (NoticeAwardFormSet, formset), own), inline
            else:
                form = type(formset.form.__name__, (NoticeCitationForm, formset.form), {"notice": notice})
                own = {"notice": notice, "form": form}
                yield type(formset.__name__, (NoticeCitationFormSet, formset), own), inline

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Begin the statements and the new awards with what the notice states."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        notice = getattr(request, "notice", None)
        if notice and request.method == "GET":
            if inline.model is Citation:
                kwargs["initial"] = statements(notice.draft, obj)
            else:
                kept = set(obj.awards.values_list("number", flat=True)) if obj.pk else set()
                kwargs["initial"] = [{"number": number} for number in notice.draft.awards if number not in kept]
        return kwargs

    def save_model(self, request, obj, form, change):
        """Save the source of a notice and its file in the same change, before anything is cited from it."""
        notice = getattr(request, "notice", None)
        if notice and form.notice_source is not None:
            notice.source = form.notice_source.save()
            self.log_addition(request, notice.source, [{"added": {}}])
            try:
                keep_file(notice.source, notice.checked, by=request.user)
            except ValidationError as error:
                roll_back(DryRun(problems=tuple(error.messages)))
        super().save_model(request, obj, form, change)

    def _cite(self, request, form):
        """Cite from a notice all that was entered beside it, and what is ours from our own sources."""
        notice = getattr(request, "notice", None)
        if notice is None:
            super()._cite(request, form)
            return
        facts = [
            pair
            for pair in integrity.uncited_facts(self.saved_record(form))
            if is_ours(*pair) or (notice.source.may_have(*pair) and self._is_new(form, *pair))
        ]
        try:
            if actions.cite_uncited_facts(form.instance, facts, source=notice.source):
                form.saved_record = None
            cite_new_parties(notice, form.new_parties.values())
        except ValidationError as error:
            roll_back(DryRun(problems=tuple(error.messages)))
        finish_intake(notice, self.saved_record(form), form.new_parties.values())

    def _is_new(self, form, target, fact):
        """Return whether a fact is entered or changed in this form: an older one has another source, or none yet."""
        before, _stated = form.facts_before.get((target.pk if isinstance(target, Award) else None, fact), ("", ""))
        return target.canonical(fact) != before

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if notice := getattr(request, "notice", None):
            sections = sections_of(response.context_data["fact_table"], notice.draft)
            rows = [row for section in sections for row in section.rows]
            response.template_name = "admin/tenders/notice_form.html"
            response.context_data |= {
                "notice": notice,
                "reading": notice.draft.reading,
                "sections": sections,
                "to_check": [row for row in rows if row.is_check],
                "parts": parts_of(notice.draft),
            }
        return response


def _tenders_of_file(sha256):
    """Return the tenders that are cited from a file that is here already."""
    sources = SourceFile.objects.filter(sha256=sha256).values("source")
    return list(Tender.objects.filter(citations__source__in=sources).distinct().order_by("pk"))


def _others(draft):
    """Return the tenders that this may be: several with its number, or some with a title like its own."""
    return list(dict.fromkeys([*known_tenders(draft), *similar_tenders(draft)]))
