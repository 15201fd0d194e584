"""Evidence in the admin: upload a file of a source, see how its address was last found; publish or erase a file."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.verdict_review import DryRun, ReasonedForm, roll_back
from tenders.evidence.files import (
    check_file,
    erase_file,
    files_with_bytes_of,
    keep_file,
    publish_file,
    unpublish_file,
)
from tenders.models import SourceFile

# What is done with a file: the function, its question and its button, by name in the address.
FILE_ACTIONS = {
    "publish": (publish_file, gettext_lazy("Let readers download %(file)s?"), gettext_lazy("Let readers download it")),
    "unpublish": (
        unpublish_file,
        gettext_lazy("Let only editors download %(file)s?"),
        gettext_lazy("Let only editors download it"),
    ),
    "erase": (erase_file, gettext_lazy("Erase the content of %(file)s?"), gettext_lazy("Erase the content")),
}


class EvidenceForm(ReasonedForm):
    """A form of a source with which a file of it can be uploaded."""

    new_file = forms.FileField(
        label=gettext_lazy("Add a file"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "The document as you saw it: PDF, web page (HTML), image (PNG, JPEG, GIF, WebP) or plain "
            "text, up to 20 MB. Readers see its hash and date. Only editors can download it, unless an "
            "editor makes it public."
        ),
    )

    def full_clean(self):
        """Ask for the file again when the form is shown again: no browser keeps it."""
        super().full_clean()
        if not self.is_valid() and self.files.get("new_file") and "new_file" not in self.errors:
            self.add_error("new_file", _("Choose the file again. It wasn’t kept because the form wasn’t saved."))

    def clean_new_file(self):
        file = self.cleaned_data["new_file"]
        return file and check_file(self.instance if self.instance.pk else None, file)


class FileActionForm(forms.Form):
    """Why something is done with a file."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("In a few words. It is kept in the history of the source."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


class EvidenceMixin:
    """The files of a source on its form, and the pages on which one is published or erased."""

    fields = ["address_found", "kept_files", "new_file"]
    readonly_fields = ["address_found", "kept_files"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.file_view)
        address = "<int:source>/files/<int:file>/<slug:action>/"
        return [path(address, view, name="tenders_source_file"), *super().get_urls()]

    @admin.display(description=gettext_lazy("address check"))
    def address_found(self, source):
        """Return what the last check of the address has found."""
        return render_to_string("components/address_check.html", {"source": source}) if source.last_check else None

    @admin.display(description=gettext_lazy("files"))
    def kept_files(self, source):
        """Return a table of the files of a source, with what can be done with each."""
        files = SourceFile.objects.filter(source=source.pk).select_related("source")
        if not files:
            return _("none")
        may_change = getattr(source, "may_change_files", False)
        return render_to_string("admin/tenders/source_files.html", {"files": files, "may_change": may_change})

    def get_fields(self, request, obj=None):
        """Leave out what a new source has not, and the upload for those who only see a source."""
        left_out = set() if obj else set(self.readonly_fields)
        if obj and not self.has_change_permission(request, obj):
            left_out.add("new_file")
        return [name for name in super().get_fields(request, obj) if isinstance(name, tuple) or name not in left_out]

    def get_object(self, request, object_id, from_field=None):
        """Note on a source whether its files may be changed: a field that is only shown sees no request."""
        source = super().get_object(request, object_id, from_field)
        if source is not None:
            source.may_change_files = self.has_change_permission(request, source)
        return source

    def save_related(self, request, form, formsets, change):
        """Keep the uploaded file in the same change of the history."""
        super().save_related(request, form, formsets, change)
        if checked := form.cleaned_data.get("new_file"):
            try:
                keep_file(form.instance, checked)
            except ValidationError as error:
                roll_back(DryRun(problems=tuple(error.messages)))

    def file_view(self, request, source, file, action):
        """Publish, unpublish or erase a file once its editor has said why."""
        file = get_object_or_404(SourceFile.objects.select_related("source"), pk=file, source=source)
        if action not in FILE_ACTIONS:
            raise Http404
        if not self.has_change_permission(request, file.source):
            raise PermissionDenied
        function, question, button = FILE_ACTIONS[action]
        form = FileActionForm(request.POST or None)
        if form.is_valid():
            try:
                function(file, by=request.user, reason=form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(request, _("Saved: %(file)s.") % {"file": file}, messages.SUCCESS)
                return redirect(reverse("admin:tenders_source_change", args=[source]))
        return self.page(
            request,
            "source_file",
            title=question % {"file": file},
            file=file,
            others=files_with_bytes_of(file).exclude(pk=file.pk) if action == "erase" else (),
            action=action,
            button=button,
            form=form,
        )
