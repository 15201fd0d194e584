"""
Files of sources: keep, publish and erase them, each a change of the history.

Bytes are written before the row that names them, and deleted before the row that says so is committed. What fails
between leaves bytes that nothing leads to or a row whose bytes are not here, and never bytes that were to be erased.
"""

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenders.choices import ChangeKind, FileFormat
from tenders.evidence.formats import format_of, named_format
from tenders.models import DatasetVersion, SourceFile
from tenders.models.changes import change_set
from tenders.models.evidence import evidence_storage

MAX_SIZE = 20_000_000  # bytes
SHA256 = re.compile(r"[0-9a-f]{64}")
UNKNOWN_FOR = timedelta(days=1)  # after which no form will still save them


@dataclass(frozen=True)
class CheckedFile:
    """An uploaded file that may be kept."""

    name: str
    content: bytes
    sha256: str
    format: FileFormat


def check_file(source, file):
    """Return the ``CheckedFile`` of an upload for a source, None for a new one; raise ``ValidationError`` otherwise."""
    if file.size > MAX_SIZE:
        raise ValidationError(
            _("The file has %(size)s bytes; the limit is 20,000,000 (20 MB)."), params={"size": f"{file.size:,}"}
        )
    file.seek(0)
    content = file.read()
    found, named = format_of(content), named_format(file.name)
    if found is None:
        raise ValidationError(
            _(
                "Choose a PDF, a web page (HTML), an image (PNG, JPEG, GIF, WebP) or plain text. This file "
                "is something else."
            )
        )
    if named not in (None, found):
        raise ValidationError(
            _(
                "Check the file, then rename it: by its name, %(name)s, it is a %(named)s, but its content "
                "is a %(found)s."
            ),
            params={"name": file.name, "named": named.label, "found": found.label},
        )
    checked = CheckedFile(file.name[:200], content, hashlib.sha256(content).hexdigest(), found)
    if source and (same := _same_file(source, checked)) and not same.is_erased:
        raise ValidationError(
            _("This source has had this file since %(day)s: %(file)s."),
            params={"day": timezone.localdate(same.uploaded_at), "file": same},
        )
    return checked


@transaction.atomic
def keep_file(source, checked, *, by=None, reason=""):
    """
    Keep a checked file of a source; return its row, which may be that of the same bytes when they were erased.

    Raises ``ValidationError`` where the storage cannot be written.
    """
    DatasetVersion.lock()
    row = _same_file(source, checked) or SourceFile(source=source, sha256=checked.sha256)
    row.format, row.size, row.name = checked.format, len(checked.content), checked.name
    row.uploaded_at, row.erased_at, row.erasure_reason = timezone.now(), None, ""
    _store(row, checked.content)
    with change_set(ChangeKind.CHANGED, by, reason):
        row.save()
    return row


@transaction.atomic
def store_unassigned(checked):
    """
    Store the bytes of a checked file that belongs to no source yet; after a day ``delete_unknown_bytes`` deletes them.

    Raises ``ValidationError`` where the storage cannot be written.
    """
    DatasetVersion.lock()
    row = SourceFile(sha256=checked.sha256)
    if not files_with_bytes_of(row).exists() and row.is_here:
        evidence_storage().delete(row.path)  # stored again, so that its day begins now
    _store(row, checked.content)


def _store(row, content):
    try:
        if not has_its_bytes(row):
            evidence_storage().save(row.path, ContentFile(content))
    except OSError as error:
        raise ValidationError(
            _("The file can’t be stored because the evidence folder isn’t writable. Tell an administrator.")
        ) from error


@transaction.atomic
def publish_file(file, *, by=None, reason):
    """Let readers download a file; raises ``ValidationError`` without a reason, and for one that is erased."""
    with _changing(file, by, reason) as row:
        if row.is_erased:
            raise ValidationError(_("The content of %(file)s was erased."), params={"file": row})
        row.is_publishable, row.publishable_reason = True, reason.strip()
        row.save()


@transaction.atomic
def unpublish_file(file, *, by=None, reason):
    """Let only editors download a file; raises ``ValidationError`` without a reason."""
    with _changing(file, by, reason) as row:
        row.is_publishable, row.publishable_reason = False, ""
        row.save()


@transaction.atomic
def erase_file(file, *, by=None, reason):
    """
    Erase the bytes of a file, also where other sources have the same; hash, size and day stay, and why.

    Nothing brings them back but uploading the same file. Raises ``ValidationError`` without a reason.
    """
    with _changing(file, by, reason):
        for row in files_with_bytes_of(file):
            row.is_publishable, row.publishable_reason = False, ""
            row.erased_at, row.erasure_reason = timezone.now(), reason.strip()
            row.save()
        try:
            evidence_storage().delete(file.path)
        except OSError as error:
            raise ValidationError(
                _("The content can’t be erased because the evidence folder isn’t writable. Tell an administrator.")
            ) from error


def files_with_bytes_of(file):
    """Return the files, of any source, that share the bytes of this one and are not erased, itself among them."""
    return SourceFile.objects.filter(sha256=file.sha256, erased_at=None).select_related("source")


def has_its_bytes(file):
    """Return whether the storage has the bytes of a file, and they are the ones of its hash."""
    try:
        with file.open() as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def files_without_bytes():
    """Yield the files that are not erased and whose bytes are not here, or are not those of their hash."""
    files = SourceFile.objects.filter(erased_at=None).select_related("source").order_by("source__slug", "sha256")
    for file in files.iterator(chunk_size=500):
        if not has_its_bytes(file):
            yield file


@transaction.atomic
def delete_unknown_bytes(*, older_than=UNKNOWN_FOR):
    """Delete bytes that belong to no file, as an upload left them that was not saved in the end; return how many."""
    DatasetVersion.lock()  # no upload finds bytes that are about to be deleted
    storage, number = evidence_storage(), 0
    folders, _names = storage.listdir("") if storage.exists("") else ([], [])
    for folder in folders:
        for name in storage.listdir(folder)[1]:
            path = f"{folder}/{name}"
            is_ours = SHA256.fullmatch(name) and path == SourceFile(sha256=name).path
            if not is_ours or SourceFile.objects.filter(sha256=name, erased_at=None).exists():
                continue
            if storage.get_modified_time(path) < timezone.now() - older_than:
                storage.delete(path)
                number += 1
    return number


def _same_file(source, checked):
    return SourceFile.objects.filter(source=source, sha256=checked.sha256).first()


@contextmanager
def _changing(file, by, reason):
    """Yield a file as the database has it now; what is written inside is one change, with a reason."""
    if not reason.strip():
        raise ValidationError(_("Give a reason. It is kept in the history."))
    DatasetVersion.lock()
    with change_set(ChangeKind.CHANGED, by, reason.strip()):
        yield SourceFile.objects.get(pk=file.pk)
