"""
Removal of personal data from records and their history: words of a text, or the account of a person.

History is otherwise never rewritten. What is removed is replaced by a mark in every state of an object alike, so that
comparing and undoing states goes on as before; a change of its own says when and why something was removed.
"""

from collections import defaultdict
from contextlib import contextmanager

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from accounts import second_factor
from accounts.models import PasswordResetRequest
from tenders.audit.records import PARTS
from tenders.choices import Cause, ChangeKind
from tenders.claims.verdict_history import track_verdicts
from tenders.derived import DerivedTextField, derived_fields
from tenders.fields import PartialDateField
from tenders.models import Change, DatasetVersion, NoticeIntake, Report, Upload, VerdictChange
from tenders.models.changes import change_set, record_changed_history, tracked_models

MARK = "[removed]"
MIN_LENGTH = 2  # characters of the words: a Chinese name
BATCH = 500  # rows written at once
FORMER_NAME = "removed-account-{}"
NOT_WORDS = (models.SlugField, DerivedTextField, PartialDateField)  # codes, dates, and what is derived from others


def rows_with(words):
    """Return {model: [primary keys]} of the rows of records, history and logs in which the words stand."""
    found = {}
    for model, names in _columns():
        matching = Q()
        for name in names:
            matching |= Q(**{f"{name}__contains": words})
        rows = model._base_manager.filter(matching).order_by("pk").values_list("pk", *names)
        # SQLite ignores the case of Latin letters here.
        pks = [pk for pk, *texts in rows.iterator() if any(words in text for text in texts if text)]
        if pks:
            found[model] = pks
    return found


@transaction.atomic
def remove_words(words, *, reason):
    """
    Replace words by a mark wherever they stand, exactly so; return the number of rows changed.

    Files that await an import, and notices that await a draft, are deleted: they cannot be searched. After a
    ``ValidationError`` nothing is changed.
    """
    _check(reason, words)
    DatasetVersion.lock()
    found = rows_with(words)
    if not found:
        raise ValidationError(f"“{words}” was not found in the records, their history or the logs.")
    with (
        _deleting_for_good(),
        change_set(ChangeKind.ERASED, reason=reason) as change,
        track_verdicts(Cause.CHANGED, details=reason),
    ):
        str(change)  # it is there even if all that was removed is no record any more
        records = _records_of(found)
        columns = dict(_columns())
        try:
            for model, pks in found.items():
                _replace(model, columns[model], pks, words)
        except IntegrityError as error:
            raise ValidationError(f"A command can't remove these words: {error}.") from error
        for model, pks in records.items():
            for some in _batches(sorted(pks)):
                record_changed_history(model._base_manager.filter(pk__in=some))
        Upload.objects.all().delete()
        NoticeIntake.objects.forget(words)
    return sum(map(len, found.values()))


@transaction.atomic
def remove_account(username, *, reason):
    """
    Deactivate an account and remove its names, address, rights, second factor and log-ins; return its new name.

    Its changes stay, by this name. After a ``ValidationError`` nothing is changed.
    """
    users = get_user_model()._default_manager
    user = users.filter(username=username).first()
    if user is None:
        raise ValidationError(f"There is no account “{username}”.")
    if not users.exclude(pk=user.pk).filter(is_superuser=True, is_active=True).exists():
        raise ValidationError("Add another administrator first: this is the last one.")
    _check(reason, username)
    with _deleting_for_good(), change_set(ChangeKind.ERASED, reason=reason) as change:
        str(change)
        user.username = FORMER_NAME.format(user.pk)
        user.first_name = user.last_name = user.email = ""
        user.is_active = user.is_staff = user.is_superuser = False
        user.last_login = None
        user.set_unusable_password()
        user.save()
        user.groups.clear()
        user.user_permissions.clear()
        entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(user), object_id=user.pk)
        entries.update(object_repr=user.username)
        second_factor.reset(user)
        PasswordResetRequest.objects.filter(user=user).delete()
        for model in (AccessAttempt, AccessFailureLog, AccessLog):
            model.objects.filter(username__iexact=username).delete()
        Upload.objects.filter(by=user).delete()
        NoticeIntake.objects.filter(by=user, saved_at=None).delete()
    return user.username


def _check(reason, words):
    if len(words.strip()) < MIN_LENGTH:
        raise ValidationError(f"Give at least {MIN_LENGTH} characters.")
    if not reason.strip():
        raise ValidationError("Give a reason. It is kept in the history.")
    if words in reason:
        raise ValidationError("Don't repeat in the reason what is to be removed: the reason is public.")


def _columns():
    """Yield (model, names of its columns of words) for records, their history, what names records, and reports."""
    for model in tracked_models():
        names = [field.name for field in model._meta.concrete_fields if _is_text(field)]
        yield model, names
        yield model.history.model, names
    yield Change, ["reason"]
    yield VerdictChange, ["subject", "details"]
    yield Report, ["about", "text", "source", "email", "answer"]
    yield LogEntry, ["object_repr", "change_message"]


def _is_text(field):
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, NOT_WORDS)
    return is_text and not field.choices and field.name != "reference"


def _records_of(found):
    """Return {model: primary keys} of the records that the rows belong to, and that are still there."""
    records = defaultdict(set)
    for owner, parts in PARTS.items():
        for part, link in parts:
            for model in (part, part.history.model):
                for some in _batches(found.get(model, [])):
                    records[owner].update(model._base_manager.filter(pk__in=some).values_list(link, flat=True))
    return {model: pks - {None} for model, pks in records.items()}


def _replace(model, names, pks, words):
    """Replace the words in the rows of a model, and what is derived from them."""
    fields = {name: model._meta.get_field(name) for name in names}
    derived = {field.name for field in derived_fields(model, names)}
    for some in _batches(pks):
        rows = list(model._base_manager.filter(pk__in=some))
        for row in rows:
            for name, field in fields.items():
                if text := getattr(row, name):
                    setattr(row, name, text.replace(words, MARK)[: field.max_length])
        model._base_manager.bulk_update(rows, sorted({*names} | derived))


@contextmanager
def _deleting_for_good():
    """Let SQLite overwrite what is deleted, which it otherwise leaves in the file."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    yield


def _batches(pks):
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))
