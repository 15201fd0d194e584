"""Import in the admin: upload a file, preview what it would do, confirm just that."""

from dataclasses import dataclass, field
from io import BytesIO

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenders.admin.base import is_id, related_widget
from tenders.admin.verdict_review import DryRun, ReasonForm
from tenders.exports.writers import FORMS, Export
from tenders.imports.classifying import RowStatus
from tenders.imports.columns import TEMPLATE
from tenders.imports.loading import ImportRejected, PlanChanged, default_reason, load
from tenders.imports.ocds import open_any
from tenders.imports.plans import Plan, Planner, TooSlow
from tenders.imports.readers import ENCODINGS
from tenders.imports.template import write_template
from tenders.models import Citation, Source, Tender, Upload

MAX_UPLOAD_ROWS = 2_000
MAX_SIZE = 10_000_000  # bytes
MAX_SECONDS = 30  # to read a file, and what it would do
MAX_ERRORS = 200  # shown
USED_FOR = {  # encodings: where each is usual
    "Big5": gettext_lazy("traditional Chinese"),
    "Shift_JIS": gettext_lazy("Japanese"),
    "EUC-JP": gettext_lazy("Japanese"),
    "EUC-KR": gettext_lazy("Korean"),
    "Windows-1252": gettext_lazy("Western Europe"),
    "Windows-1250": gettext_lazy("Central Europe"),
    "Windows-1251": gettext_lazy("Cyrillic"),
}


def encoding_choices():
    """Return the encodings to choose from; none is chosen where it is certain from the file."""
    named = [(name, f"{name} ({USED_FOR[name]})" if name in USED_FOR else name) for name in ENCODINGS]
    return [("", _("Detect UTF-8, UTF-16 and GB18030")), *named]


class UploadForm(forms.Form):
    """A file of tenders, and the source that its facts are cited from."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        help_text=gettext_lazy("CSV or XLSX with the same columns as the download, or an OCDS package (JSON)."),
    )
    encoding = forms.ChoiceField(
        choices=encoding_choices,
        label=gettext_lazy("Encoding of a CSV file"),
        required=False,
        help_text=gettext_lazy("Choose one if the file is refused because of its encoding. XLSX needs none."),
    )
    source = forms.ModelChoiceField(
        Source.objects.all(),
        label=gettext_lazy("Source"),
        required=False,
        help_text=gettext_lazy(
            "The facts in the file are cited from this source. Without one, facts of published tenders "
            "can’t be changed."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].widget = related_widget(Citation._meta.get_field("source"), self.fields["source"].choices)

    def clean(self):
        super().clean()
        if {"file", "encoding", "source"} <= set(self.cleaned_data):
            try:
                self._check_file(*(self.cleaned_data[name] for name in ("file", "encoding", "source")))
            except ValidationError as error:
                self.add_error("file", error)

    @staticmethod
    def _check_file(file, encoding, source):
        if file.size > MAX_SIZE:
            raise ValidationError(_("Split the file or use the command: up to 10 MB can be uploaded."))
        number = Planner(open_any(file, encoding, source), seconds=MAX_SECONDS).num_rows
        if number == 0:
            raise ValidationError(_("The file has no rows."))
        if number > MAX_UPLOAD_ROWS:
            raise ValidationError(
                _("The file has %(n)s rows. Up to 2,000 can be imported here; for more, use the command."),
                params={"n": number},
            )


@dataclass
class Preview:
    """What a file would do, row by row, and the verdicts that would change."""

    plan: Plan
    rows: dict = field(default_factory=lambda: {status: [] for status in RowStatus})
    dry_run: DryRun = field(default_factory=DryRun)
    refused: str = ""

    @property
    def counts(self):
        return [(status.label, self.plan.counts[status]) for status in RowStatus]

    @property
    def digest(self):
        """A text that differs between previews of different rows or changes of verdicts."""
        return f"{self.plan.digest}-{self.dry_run.digest}"

    @property
    def is_possible(self):
        """Whether there is something to import, and nothing in the way."""
        return not (self.plan.is_wrong or self.refused) and any(self.plan.rows.values())

    @property
    def errors(self):
        """All errors as (number of the row, problem)."""
        errors = [(row.number, problem) for row in self.rows[RowStatus.ERROR] for problem in row.problems]
        return [*((1, problem) for problem in self.plan.problems), *errors]

    @property
    def duplicates(self):
        """The probable duplicates, each with what it may be the same as and where that is."""
        return [(row, _look_alikes(row)) for row in self.rows[RowStatus.DUPLICATE]]


class ImportMixin:
    """The pages of the import, for those who may do an editor's work."""

    change_list_template = "admin/tenders/tender_change_list.html"

    def get_urls(self):
        template_view, preview_view = self.editors_view(self.template_view), self.editors_view(self.preview_view)
        return [
            path("import/", self.editors_view(self.upload_view), name="tenders_tender_import"),
            path("import/tenders.<str:form>", template_view, name="tenders_tender_import_template"),
            path("import/<slug:token>/", preview_view, name="tenders_tender_import_preview"),
            *super().get_urls(),
        ]

    def upload_view(self, request):
        """Store a file, and redirect to its preview."""
        Upload.objects.expired().delete()
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            file.seek(0)
            chosen = {name: form.cleaned_data[name] for name in ("encoding", "source")}
            upload = Upload.objects.create(name=file.name, content=file.read(), by=request.user, **chosen)
            return redirect("admin:tenders_tender_import_preview", token=upload.token)
        media = self.media + form.media
        return self.page(request, "import_upload", form=form, media=media, title=_("Import tenders"))

    def template_view(self, request, form):
        """Send a file that has the columns and no row."""
        if form not in {"csv", "xlsx"}:
            return redirect("admin:tenders_tender_import")
        write, content_type = FORMS[form]
        headers = {"Content-Disposition": content_disposition_header(True, f"tenders-template.{form}")}
        if form == "xlsx":
            return StreamingHttpResponse(write_template(), content_type=content_type, headers=headers)
        address = request.build_absolute_uri(reverse("admin:tenders_tender_import"))
        export = Export(
            name="tenders",
            columns=TEMPLATE,
            records=Tender.objects.none(),
            site="",
            address=address,
            page=address,
            changed_at=None,
        )
        return StreamingHttpResponse(write(export), content_type=content_type, headers=headers)

    def preview_view(self, request, token):
        """Show what a file would do; import it when just that is confirmed."""
        Upload.objects.expired().delete()
        upload = get_object_or_404(Upload.objects.select_related("source"), token=token, by=request.user)
        if "_discard" in request.POST:
            upload.delete()
            return redirect("admin:tenders_tender_import")
        planner, preview = _preview(upload)
        form = ReasonForm(request.POST or None, initial={"change_reason": default_reason(upload.source)[:500]})
        is_confirmed = form.is_valid()
        if is_confirmed and preview.is_possible:
            try:
                reason = form.cleaned_data["change_reason"] or default_reason(upload.source)
                self._load(request, planner, preview, reason)
            except PlanChanged:
                planner, preview = _preview(upload)
            except (ImportRejected, TooSlow) as error:
                preview.refused = " ".join(error.messages)
            else:
                upload.delete()
                return redirect("admin:tenders_tender_changelist")
        return self.page(
            request,
            "import_preview",
            upload=upload,
            table=planner.table,
            preview=preview,
            form=form,
            shown_errors=preview.errors[:MAX_ERRORS],
            is_changed=is_confirmed,
            title=_("Import of %(name)s") % {"name": upload.name},
        )

    def _load(self, request, planner, preview, reason):
        """Import and report what the preview showed; raise ``PlanChanged`` when something else would be done now."""
        if request.POST.get("digest") != preview.digest:
            raise PlanChanged
        accepted_duplicates = {int(number) for number in request.POST.getlist("another") if is_id(number)}
        if "accept_all" in request.POST:
            accepted_duplicates = preview.plan.rows[RowStatus.DUPLICATE]
        with transaction.atomic():
            loaded = load(
                planner, preview.plan, by=request.user, reason=reason, accepted_duplicates=accepted_duplicates
            )
            if DryRun.of_verdicts(loaded.changed_verdicts).digest != preview.dry_run.digest:
                raise PlanChanged
        new = ngettext("%(n)s new tender (draft)", "%(n)s new tenders (drafts)", loaded.num_new)
        changed = ngettext("%(n)s changed", "%(n)s changed", loaded.num_changed)
        counts = {"new": new % {"n": loaded.num_new}, "changed": changed % {"n": loaded.num_changed}}
        self.message_user(request, _("Imported: %(new)s; %(changed)s.") % counts, messages.SUCCESS)


def _preview(upload):
    """Return what an uploaded file would do, and what found that out."""
    table = open_any(BytesIO(upload.content), upload.encoding, upload.source)
    planner = Planner(table, upload.source, seconds=MAX_SECONDS)
    preview, rows = Preview(Plan("", planner.problems)), []
    try:
        preview.plan = planner.check(rows.append)
        for row in rows:
            preview.rows[row.status].append(row)
        if preview.is_possible:
            with transaction.atomic():
                loaded = load(planner, preview.plan, by=upload.by)
                preview.dry_run = DryRun.of_verdicts(loaded.changed_verdicts)
                transaction.set_rollback(True)
    except (ImportRejected, TooSlow) as error:
        preview.refused = " ".join(error.messages)
    return planner, preview


def _look_alikes(row):
    records, names, rows, num_more = row.shown_look_alikes
    addresses = [(record, _address(record)) for record in records]
    return {"records": addresses, "names": names, "rows": rows, "num_more": num_more}


def _address(record):
    return reverse(f"admin:tenders_{record._meta.model_name}_change", args=[record.pk])
