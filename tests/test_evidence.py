"""Files of sources: what is kept, who may download it and how, and what stays when the bytes are erased."""

import hashlib
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tenders import audit
from tenders.choices import ChangeKind, Fact, FileFormat
from tenders.evidence import files as evidence_files
from tenders.evidence.files import (
    MAX_SIZE,
    check_file,
    delete_unknown_bytes,
    erase_file,
    has_its_bytes,
    keep_file,
    publish_file,
    unpublish_file,
)
from tenders.evidence.formats import format_of, named_format
from tenders.models import Change, DatasetVersion, Source, SourceFile
from tenders.models.changes import change_set
from tenders.undoing import undo
from tests.factories import create_citation, create_source, create_tender
from tests.test_admin import address

PAGE = b"<!DOCTYPE html>\n<html><body><script>alert(document.cookie)</script>\xe4\xb8\xad\xe6\xa0\x87</body></html>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
OF_EACH_FORMAT = {
    FileFormat.PDF: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    FileFormat.HTML: PAGE,
    FileFormat.PNG: PNG,
    FileFormat.JPEG: b"\xff\xd8\xff\xe0" + bytes(20),
    FileFormat.GIF: b"GIF89a" + bytes(20),
    FileFormat.WEBP: b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    FileFormat.TEXT: "中标公告\r\n\t899.5万元".encode(),
}


@pytest.fixture(autouse=True)
def folder(evidence_folder):
    """Keep files in a folder of the test."""
    return evidence_folder


@pytest.fixture
def users(django_user_model, db):
    def create(name, *groups):
        user = django_user_model.objects.create_user(name)
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    return {
        "contributor": create("con", "Contributors"),
        "editor": create("ed", "Editors"),
        "nobody": create("nobody"),
        "reader": django_user_model.objects.create_user("reader"),
    }


@pytest.fixture
def source(db):
    return create_source(slug="a-notice")


def upload(content=PAGE, name="notice.html"):
    return SimpleUploadedFile(name, content)


def keep(source, content=PAGE, name="notice.html", **options):
    return keep_file(source, check_file(source, upload(content, name)), **options)


def path_of(file):
    return reverse("source-file", kwargs={"slug": file.source.slug, "sha256": file.sha256})


def download(client, file):
    """Return the response at the address of a file, read to its end, and its content."""
    response = client.get(path_of(file))
    return response, b"".join(response) if response.streaming else response.content


def action_path(file, action):
    return reverse("admin:tenders_source_file", args=[file.source_id, file.pk, action])


def source_form(source, **fields):
    form = {"slug": source.slug, "title": source.title, "kind": source.kind, "change_reason": "To see."}
    return {**form, **fields}


def stored(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


# What is kept.


@pytest.mark.parametrize("found", FileFormat)
def test_the_format_is_found_in_the_content(found):
    assert format_of(OF_EACH_FORMAT[found]) == found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xef\xbb\xbf  <!-- saved -->\n<?xml version='1.0'?><HTML lang=zh>", FileFormat.HTML),
        ("<html><title>中标</title>".encode("gb18030"), FileFormat.HTML),
        ("<html><title>中标</title>".encode("utf-16"), FileFormat.HTML),
        ("中标公告".encode("gb18030"), FileFormat.TEXT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", FileFormat.TEXT),
        (b" " * 100_000 + b"!", FileFormat.TEXT),
        (b"MZ\x90\x00\x03", None),
        (b"PK\x03\x04", None),
        (b"\x00", None),
        (b"%!PS", FileFormat.TEXT),
    ],
)
def test_other_content_is_text_or_nothing_that_is_kept(content, found):
    assert format_of(content) == found


@given(st.binary(max_size=200))
def test_any_bytes_have_one_format_or_none(content):
    assert format_of(content) in {None, *FileFormat}


@given(st.text(max_size=60))
def test_any_name_promises_a_format_or_nothing(name):
    assert named_format(name) in {None, *FileFormat}


@pytest.mark.parametrize("found", FileFormat)
def test_a_file_of_every_format_is_kept_under_its_hash(source, folder, found):
    content = OF_EACH_FORMAT[found]

    file = keep(source, content, name="upload")

    sha256 = hashlib.sha256(content).hexdigest()
    assert (file.sha256, file.size, file.format) == (sha256, len(content), found)
    assert (folder / sha256[:2] / sha256).read_bytes() == content
    assert (folder / sha256[:2] / sha256).stat().st_mode & 0o077 == 0
    assert has_its_bytes(file)


def test_the_same_bytes_of_two_sources_are_stored_once(source, folder):
    one, other = keep(source), keep(create_source())

    assert one.pk != other.pk
    assert stored(folder) == {one.sha256}


def test_bytes_that_were_damaged_are_put_right_by_the_next_upload(source, folder):
    file = keep(source)
    (folder / file.path).write_bytes(b"<html>")

    keep(create_source())

    assert has_its_bytes(file)


REFUSED = [
    (b"x" * (MAX_SIZE + 1), "a.txt", "The file has 20,000,001 bytes; the limit is 20,000,000 (20 MB)."),
    (
        b"PK\x03\x04" + bytes(9),
        "a.docx",
        "Choose a PDF, a web page (HTML), an image (PNG, JPEG, GIF, WebP) or plain text",
    ),
    (PAGE, "notice.pdf", "by its name, notice.pdf, it is a PDF document, but its content is a web page (HTML)."),
    (PNG, "scan.JPG", "it is a JPEG image, but its content is a PNG image"),
    (b"%PDF-1.4", "notice.html", "it is a web page (HTML), but its content is a PDF document"),
]


@pytest.mark.parametrize(("content", "name", "words"), REFUSED)
def test_a_refused_file_is_refused_in_words_and_the_form_keeps_what_was_typed(
    admin_client, source, folder, content, name, words
):
    form = source_form(source, notes="Typed at length.", new_file=upload(content, name))

    response = admin_client.post(address(Source, "change", source.pk), form)

    assert response.status_code == 200
    assert words in response.text
    assert "Typed at length." in response.text
    assert not SourceFile.objects.exists()
    assert not stored(folder)


def test_a_file_of_20_mb_is_kept(source):
    assert keep(source, b"x" * MAX_SIZE, "a.txt").size == MAX_SIZE


def test_an_empty_file_is_refused(admin_client, source):
    response = admin_client.post(address(Source, "change", source.pk), source_form(source, new_file=upload(b"")))

    assert "The submitted file is empty." in response.text


def test_the_same_file_twice_is_refused_in_words(admin_client, source):
    keep(source)

    response = admin_client.post(
        address(Source, "change", source.pk), source_form(source, new_file=upload(name="again.html"))
    )

    assert "This source has had this file since" in response.text
    assert SourceFile.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a\r\nSet-Cookie: x=1", "é" * 90]
)
def test_a_name_leads_nowhere(admin_client, source, folder, name):
    form = source_form(source, new_file=upload(name=name))

    assert admin_client.post(address(Source, "change", source.pk), form).status_code == 302

    file = SourceFile.objects.get()
    assert "/" not in file.name
    assert [path for path in folder.parent.rglob("*") if path.is_file()] == [folder / file.path]
    assert download(admin_client, file)[0].headers["Content-Disposition"] == (
        f'attachment; filename="a-notice-{file.sha256[:8]}.html"'
    )


def test_a_file_is_uploaded_with_a_new_source_by_a_contributor(client, users):
    client.force_login(users["contributor"])
    form = {"slug": "new", "title": "New", "kind": "news", "new_file": upload()}

    assert client.post(address(Source, "add"), form).status_code == 302

    file = SourceFile.objects.get(source__slug="new")
    assert file.uploaded_by == users["contributor"]
    assert download(client, file)[0].status_code == 200


def test_a_form_with_another_error_asks_for_the_file_again(admin_client, source, folder):
    response = admin_client.post(address(Source, "change", source.pk), source_form(source, title="", new_file=upload()))

    assert "Choose the file again" in response.text
    assert not stored(folder)


def test_a_form_that_waits_for_a_confirmation_asks_for_the_file_again(admin_client, source):
    started = {"_edit_started_at_change": "0"}
    with change_set(ChangeKind.CHANGED):
        source.save()

    response = admin_client.post(
        address(Source, "change", source.pk), source_form(source, new_file=upload(), **started)
    )

    assert "someone else has saved this record in the meantime" in response.text or response.status_code == 302


def test_a_folder_that_cannot_be_written_is_said_in_words(admin_client, source, folder):
    folder.write_text("no folder")

    response = admin_client.post(
        address(Source, "change", source.pk), source_form(source, notes="Typed.", new_file=upload())
    )

    assert "the evidence folder isn’t writable" in response.text
    assert "Typed." in response.text
    assert not SourceFile.objects.exists()


# Who downloads, and how.

SAFE = {
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


@pytest.mark.parametrize(
    ("role", "before", "published"),
    [
        ("editor", 200, 200),
        ("contributor", 200, 200),
        ("nobody", 404, 200),
        ("reader", 404, 200),
        (None, 404, 200),
    ],
)
def test_only_who_may_see_sources_downloads_what_is_not_published(client, users, source, role, before, published):
    file = keep(source)
    if role:
        client.force_login(users[role])

    assert download(client, file)[0].status_code == before
    publish_file(file, reason="An official notice.")
    assert download(client, file)[0].status_code == published
    unpublish_file(file, reason="It names a person.")
    assert download(client, file)[0].status_code == before


@pytest.mark.parametrize("found", FileFormat)
@pytest.mark.parametrize("role", ["editor", None])
def test_a_file_is_sent_as_a_download_that_no_browser_opens_here(client, users, source, role, found):
    file = keep(source, OF_EACH_FORMAT[found], name="upload")
    publish_file(file, reason="An official notice.")
    if role:
        client.force_login(users[role])

    response, content = download(client, file)

    assert content == OF_EACH_FORMAT[found]
    assert {name: response.headers[name] for name in SAFE} == SAFE
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_file_is_only_read_at_its_address(admin_client, source, method):
    assert getattr(admin_client, method)(path_of(keep(source))).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        f"/sources/a-notice/files/{'0' * 64}",
        f"/sources/other/files/{hashlib.sha256(PAGE).hexdigest()}",
        "/sources/a-notice/files/..%2f..%2fetc%2fpasswd",
        "/evidence/",
        f"/{hashlib.sha256(PAGE).hexdigest()}",
        f"/static/{hashlib.sha256(PAGE).hexdigest()}",
    ],
)
def test_no_other_address_leads_to_bytes(admin_client, source, path):
    keep(source)
    create_source(slug="other")

    assert admin_client.get(path).status_code == 404


def test_bytes_of_no_file_are_never_sent_and_are_deleted_after_a_day(admin_client, source, folder):
    file = keep(source)
    lost = folder / "ab" / ("ab" * 32)
    lost.parent.mkdir()
    lost.write_bytes(PAGE)
    (lost.parent / "notes.txt").write_bytes(b"Not ours.")

    assert admin_client.get(f"/sources/a-notice/files/{'ab' * 32}").status_code == 404
    assert delete_unknown_bytes() == 0
    assert delete_unknown_bytes(older_than=timedelta(days=-1)) == 1
    assert stored(folder) == {file.sha256, "notes.txt"}


def test_a_file_whose_bytes_are_not_here_is_said_in_words(admin_client, source, folder):
    file = keep(source)
    (folder / file.path).unlink()

    response = admin_client.get(path_of(file))

    assert response.status_code == 404
    assert "The file is missing; only its hash is stored." in response.text
    assert "The file is missing" in admin_client.get(address(Source, "change", source.pk)).text


def test_check_evidence_reports_missing_and_damaged_bytes(source, folder):
    missing, damaged, erased = keep(source), keep(source, PNG, "a.png"), keep(source, b"%PDF-1", "a.pdf")
    erase_file(erased, reason="It names a person.")
    call_command("check_evidence", stdout=(out := StringIO()))
    assert out.getvalue() == "No file is missing.\n"
    (folder / missing.path).unlink()
    (folder / damaged.path).write_bytes(b"")

    with pytest.raises(CommandError, match=r"^2 files are missing\.$"):
        call_command("check_evidence", stdout=(out := StringIO()))

    assert {missing.sha256, damaged.sha256} <= set(out.getvalue().replace(")", " ").split())


# What readers see.


@pytest.fixture
def tender(source):
    tender = create_tender()
    create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    return tender


def test_readers_see_the_hash_and_the_bytes_only_if_an_editor_lets_them(client, tender, source):
    file = keep(source, name="draft-of-mrs-wang.html")
    page = tender.get_absolute_url()
    before = client.get(page).text
    publish_file(file, reason="An official notice.")

    after = client.get(page).text

    assert f'<code class="hash">{file.sha256}</code>' in before
    assert "The editors have kept a copy since" in before
    assert path_of(file) not in before
    assert f'<a href="{path_of(file)}">Download the copy</a>' in after
    assert "mrs-wang" not in before + after
    assert "An official notice." not in after
    assert f'"sha256": "{file.sha256}"' in before


def test_a_page_of_the_source_is_never_older_than_what_is_done_with_its_files(client, tender, source):
    def etag():
        return client.get(tender.get_absolute_url()).headers["ETag"]

    tags = [etag()]
    file = keep(source)
    tags.append(etag())
    publish_file(file, reason="An official notice.")
    tags.append(etag())
    erase_file(file, reason="It names a person.")
    tags.append(etag())

    assert len(set(tags)) == 4


def test_a_file_makes_no_evaluation_stale(source):
    DatasetVersion.set_recorded_verdicts()

    erase_file(keep(source), reason="It names a person.")

    assert DatasetVersion.has_recorded_verdicts()


# Publishing and erasing.


@pytest.mark.parametrize("action", ["publish", "unpublish", "erase"])
@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("contributor", 403), ("nobody", 302), (None, 302)])
def test_only_editors_publish_and_erase(client, users, source, folder, role, status, action):
    file = keep(source)
    if role:
        client.force_login(users[role])

    assert client.get(action_path(file, action)).status_code == status
    client.post(action_path(file, action), {"reason": "To see."})

    file.refresh_from_db()
    is_editor = role == "editor"
    assert file.is_publishable == (is_editor and action == "publish")
    assert file.is_erased == (is_editor and action == "erase")
    assert stored(folder) == (set() if file.is_erased else {file.sha256})


@pytest.mark.parametrize("action", ["publish", "unpublish", "erase"])
def test_nothing_is_done_with_a_file_without_a_reason(admin_client, source, folder, action):
    file = keep(source)

    response = admin_client.post(action_path(file, action), {"reason": "  "})

    assert "Nothing has been done yet" in response.text
    for function in (publish_file, unpublish_file, erase_file):
        with pytest.raises(ValidationError, match="Give a reason"):
            function(file, reason=" ")
    assert not SourceFile.objects.exclude(is_publishable=False, erased_at=None).exists()
    assert stored(folder) == {file.sha256}


def test_an_unknown_action_or_file_is_not_found(admin_client, source):
    file = keep(source)

    assert admin_client.get(action_path(file, "burn")).status_code == 404
    assert (
        admin_client.get(reverse("admin:tenders_source_file", args=[source.pk + 1, file.pk, "erase"])).status_code
        == 404
    )


def test_erasing_leaves_the_hash_who_when_and_why(client, users, source, folder, tender):
    client.force_login(users["editor"])
    file = keep(source)
    publish_file(file, reason="An official notice.")

    client.post(action_path(file, "erase"), {"reason": "It names a person."})

    file.refresh_from_db()
    assert (file.is_erased, file.erased_by, file.erasure_reason) == (True, users["editor"], "It names a person.")
    assert not file.is_publishable
    assert not stored(folder)
    assert download(client, file)[0].status_code == 404
    form = client.get(address(Source, "change", source.pk)).text
    assert "Content erased:" in form
    assert "It names a person." in form
    client.logout()
    page = client.get(tender.get_absolute_url()).text
    assert file.sha256 in page
    assert "and erased it on" in page
    assert "It names a person." not in page


def test_erasing_erases_the_same_bytes_of_other_sources_and_says_so(admin_client, source, folder):
    file, other = keep(source), keep(create_source(slug="other"))

    assert "other" in admin_client.get(action_path(file, "erase")).text
    erase_file(file, reason="It names a person.")

    other.refresh_from_db()
    assert other.is_erased
    assert not stored(folder)


def test_only_the_same_file_brings_erased_bytes_back(source, folder):
    file = keep(source)
    erase_file(file, reason="It names a person.")

    with pytest.raises(ValidationError, match="was erased"):
        publish_file(file, reason="An official notice.")
    again = keep(source)

    assert again.pk == file.pk
    assert not again.is_erased
    assert not again.is_publishable
    assert stored(folder) == {file.sha256}


def test_bytes_that_cannot_be_erased_are_not_said_to_be(source, monkeypatch):
    file = keep(source)

    def fail(self, name):
        raise PermissionError

    monkeypatch.setattr(type(evidence_files.evidence_storage()), "delete", fail)
    with pytest.raises(ValidationError, match="can’t be erased"):
        erase_file(file, reason="It names a person.")

    file.refresh_from_db()
    assert not file.is_erased


# The history, and undoing.


def test_upload_publication_and_erasure_stand_in_the_history_of_the_source(admin_client, source):
    admin_client.post(address(Source, "change", source.pk), source_form(source, new_file=upload()))
    file = SourceFile.objects.get()
    for action in ("publish", "erase"):
        admin_client.post(action_path(file, action), {"reason": f"To {action} it."})

    erased, published, uploaded = audit.history_of(source)[:3]

    assert [change.reason for change in (uploaded, published, erased)] == ["To see.", "To publish it.", "To erase it."]
    assert [(entry.of, entry.kind) for entry in uploaded.entries] == [("File notice.html", "added")]
    assert file.sha256 in uploaded.entries[0].new
    assert {entry.field for entry in published.entries} == {
        "Downloadable by readers",
        "Reason for letting readers download it",
    }
    assert {"Content erased at", "Reason for erasing the content"} <= {entry.field for entry in erased.entries}
    assert "notice.html" in admin_client.get(address(Source, "history", source.pk)).text


def test_a_publication_is_undone_and_that_too(source):
    file = keep(source)
    publish_file(file, reason="An official notice.")

    undo(Change.objects.latest("pk"), reason="No.")
    file.refresh_from_db()
    assert not file.is_publishable
    undo(Change.objects.latest("pk"), reason="Yes.")
    file.refresh_from_db()
    assert (file.is_publishable, file.publishable_reason) == (True, "An official notice.")


def test_an_erasure_is_not_undone_and_the_page_says_why(admin_client, source, folder):
    file = keep(source)
    erase_file(file, reason="It names a person.")
    change = Change.objects.latest("pk")

    with pytest.raises(ValidationError, match="undoing can’t restore erased content"):
        undo(change, reason="No.")
    response = admin_client.get(reverse("admin:tenders_change_undo", args=[change.pk]))

    assert "undoing can’t restore erased content" in response.text
    assert not stored(folder)


def test_an_upload_of_erased_bytes_is_not_undone_either(source):
    file = keep(source)
    erase_file(file, reason="It names a person.")
    keep(source)

    with pytest.raises(ValidationError, match="stays with its source"):
        undo(Change.objects.latest("pk"), reason="No.")

    assert has_its_bytes(file)


def test_an_upload_is_not_undone_but_what_was_changed_with_it_is(source):
    with change_set(ChangeKind.CHANGED):
        source.notes = "With a file."
        source.save()
        file = keep(source)
    change = Change.objects.latest("pk")

    with pytest.raises(ValidationError, match=r"Untick the file notice\.html: it stays with its source"):
        undo(change, reason="No.")
    undo(change, reason="No.", without=[f"sourcefile-{file.pk}"])

    source.refresh_from_db()
    assert source.notes == ""
    assert has_its_bytes(file)


def test_a_source_with_a_file_is_not_deleted(admin_client, source, folder):
    file = keep(source)

    with pytest.raises(ProtectedError):
        source.delete()
    response = admin_client.post(address(Source, "delete", source.pk), {"post": "yes"})

    assert response.status_code != 500
    assert Source.objects.filter(pk=source.pk).exists()
    assert has_its_bytes(file)


def test_rows_are_dumped_and_loaded_without_their_bytes(client, tender, source, folder, tmp_path):
    file = keep(source)
    publish_file(file, reason="An official notice.")
    path = tmp_path / "dump.json"
    call_command("dumpdata", "tenders.sourcefile", natural_foreign=True, natural_primary=True, output=path, verbosity=0)
    SourceFile.objects.all().delete()
    (folder / file.path).unlink()

    call_command("loaddata", path, verbosity=0)

    loaded = SourceFile.objects.get()
    assert (loaded.sha256, loaded.source) == (file.sha256, source)
    assert download(client, loaded)[0].status_code == 404
    assert file.sha256 in client.get(tender.get_absolute_url()).text


def test_the_folder_is_ignored_by_git():
    ignored = (Path(__file__).parent.parent / ".gitignore").read_text().splitlines()

    assert "/evidence/" in ignored


def test_a_file_takes_one_of_the_places_for_downloads(client, source, monkeypatch):
    file = keep(source)
    publish_file(file, reason="An official notice.")
    places = BoundedSemaphore(1)
    monkeypatch.setattr("tenders.views.downloads._free_places", places)

    places.acquire()
    assert download(client, file)[0].status_code == 503
    places.release()
    assert download(client, file)[0].status_code == 200
    assert places.acquire(blocking=False)  # it is free again
