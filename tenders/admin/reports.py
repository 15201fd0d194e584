"""Reports of readers in the admin: read, accept, answer. What a reader sent is shown as text and never as a link."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.base import BaseAdmin, shortened
from tenders.admin.filters import WorkQueueFilter
from tenders.choices import ReportState
from tenders.models import Report
from tenders.reports.answering import erase_address, possible_changes, send_answer, settle
from tenders.reports.subjects import find_subject


class ChangeChoice(forms.ModelChoiceField):
    """A change set, called by when it was made, by whom and why."""

    def label_from_instance(self, change):
        parts = [str(change), str(change.by or _("automatic process")), change.reason]
        return " · ".join(filter(None, parts))


class AnswerForm(forms.ModelForm):
    """What becomes of a report, and the answer to its reader."""

    change = ChangeChoice(
        queryset=None,
        required=False,
        label=gettext_lazy("Change that corrected it"),
        help_text=Report._meta.get_field("change").help_text,
        empty_label=gettext_lazy("none"),
    )
    without_mail = forms.BooleanField(
        label=gettext_lazy("Send no mail: I have answered otherwise, or no answer is needed"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "change" in self.fields:  # not for those who only look
            self.fields["change"].queryset = possible_changes(self.instance)

    def clean(self):
        """Ask for what an answer needs, and whether the reader has had it where no mail can be sent."""
        values = super().clean()
        settled = values.get("state") in (ReportState.CORRECTED, ReportState.DECLINED)
        if settled and not values.get("answer"):
            self.add_error("answer", _("Write an answer: the reader sees what you did, or why not."))
        if values.get("state") == ReportState.CORRECTED and not values.get("change"):
            self.add_error("change", _("Correct the record first, then choose the change here."))
        if values.get("state") != ReportState.CORRECTED:
            values["change"] = None
        if settled and self.instance.email and not settings.CAN_SEND_MAIL and not values.get("without_mail"):
            text = _("This site can’t send mail. Write to %(address)s yourself, then tick this: the address is erased.")
            self.add_error("without_mail", text % {"address": self.instance.email})
        return values


@admin.register(Report)
class ReportAdmin(BaseAdmin):
    """The queue of reports. None is added or, once it has corrected something, deleted here."""

    form = AnswerForm
    short_about = shortened("about", gettext_lazy("page"), 60)
    short_text = shortened("text", gettext_lazy("what is wrong"), 90)
    list_display = ["sent_at", "short_about", "short_text", "state", "answered_by"]
    list_display_links = ["sent_at", "short_about"]
    list_filter = [WorkQueueFilter, "state"]
    list_select_related = ["answered_by"]
    search_fields = ["about", "text"]
    ordering = ["-sent_at", "-pk"]
    readonly_fields = ["page", "text", "source", "email", "sent_at", "language", "answered_by", "answered_at"]
    fieldsets = [
        (gettext_lazy("The report"), {"fields": ["page", "text", "source", "email", "sent_at", "language"]}),
        (
            gettext_lazy("Your answer"),
            {"fields": ["state", "change", "answer", "without_mail", "answered_by", "answered_at"]},
        ),
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """Return False for what the public history refers to."""
        return super().has_delete_permission(request, obj) and not (obj and obj.change_id)

    def get_fieldsets(self, request, obj=None):
        """Leave out the mail where no address was left."""
        (report, shown), (answer, fields) = super().get_fieldsets(request, obj)
        if obj and not obj.email:
            shown, fields = (
                {"fields": [name for name in some["fields"] if name not in ("email", "without_mail")]}
                for some in (shown, fields)
            )
        return [(report, shown), (answer, fields)]

    @admin.display(description=gettext_lazy("page"))
    def page(self, report):
        """Return links to the public page, and to the form of its record."""
        subject = find_subject(report.about)
        if subject is None:
            return _("%(address)s (no longer public)") % {"address": report.about}
        link = format_html('<a href="{}">{}</a>', subject.url, subject.name)
        try:
            edit = reverse(f"admin:tenders_{subject.record._meta.model_name}_change", args=[subject.record.pk])
        except (AttributeError, NoReverseMatch):
            return link
        return format_html('{} · <a href="{}">{}</a>', link, edit, _("Change the record"))

    def save_model(self, request, obj, form, change):
        settle(obj, by=request.user)
        super().save_model(request, obj, form, change)
        if obj.email and not obj.is_waiting:
            request.settled_report = obj, form.cleaned_data.get("without_mail")

    def changeform_view(self, request, *args, **kwargs):
        """Mail the answer once the transaction has ended: a mail server takes its time."""
        response = super().changeform_view(request, *args, **kwargs)
        if hasattr(request, "settled_report"):
            self._answer(request, *request.settled_report)
        return response

    def _answer(self, request, report, without_mail):
        """Mail the answer of a settled report, then erase the address."""
        if without_mail:
            erase_address(report)
            return
        try:
            send_answer(report, address_of=request.build_absolute_uri)
        except OSError as error:
            text = _("The answer is saved, but could not be mailed (%(error)s). Save again to try once more.")
            self.message_user(request, text % {"error": error}, messages.ERROR)
        else:
            self.message_user(request, _("The answer was mailed, and the address is erased."), messages.SUCCESS)
