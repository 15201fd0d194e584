"""The files of sources, sent as downloads that no browser opens on this site."""

from functools import partial

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenders.models import SourceFile
from tenders.views.downloads import LimitedFile, limited

# Whatever a file holds, a browser stores it and does not show it: the script of a page would act for its editor.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",  # what is erased is in no cache
}


@require_safe
def source_file(request, slug, sha256):
    """Send a file of a source to whoever may see it in the admin; to others, only one that an editor has published."""
    file = SourceFile.objects.select_related("source").filter(source__slug=slug, sha256=sha256).first()
    may_see = request.user.has_perm("tenders.view_source")  # no inactive user has it
    if file is None or not (file.is_publishable or may_see):
        raise Http404(_("There is no public file at this address."))
    if file.is_erased:
        raise Http404(_("The content of this file was erased."))
    try:
        opened = file.open()
    except OSError:
        raise Http404(_("The file is missing; only its hash is stored.")) from None
    response = limited(
        request,
        partial(
            LimitedFile,
            opened,
            as_attachment=True,
            filename=file.download_name,
            content_type="application/octet-stream",
            headers=HEADERS,
        ),
    )
    if response.status_code != 200:
        opened.close()
    return response
