"""
Ask the addresses of sources, and record what that finds: does a page answer, where has it gone, has it changed?

What is found is no statement of an editor: it stands in no history, and no verdict depends on it.
"""

import hashlib
import time
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from tenders.choices import AddressProblem, AddressStatus
from tenders.evidence.fetching import FetchError
from tenders.evidence.formats import decode
from tenders.models import AddressCheck, DatasetVersion, Source

SECONDS_BETWEEN = 5  # two requests to one host
GONE = {404, 410}
NO_WORDS = {"script", "style", "noscript", "template"}  # elements whose text no reader sees


def sources_to_check(*, checked_before=None, slug=None):
    """Return the sources with an address, those first that were never checked, then the ones checked longest ago."""
    sources = Source.objects.exclude(url="").select_related("address_check")
    if slug is not None:
        sources = sources.filter(slug=slug)
    if checked_before is not None:
        current = Q(address_check__url=F("url"), address_check__checked_at__gte=checked_before)
        sources = sources.exclude(pk__in=Source.objects.filter(current).values("pk"))
    return sources.order_by(F("address_check__checked_at").asc(nulls_first=True), "slug")


def check_sources(sources, fetcher, *, sleep=time.sleep, clock=time.monotonic):
    """Check the addresses of sources, one after the other; yield (``AddressCheck``, status before or empty text)."""
    asked = {}  # moment of the last request, by host
    for source in sources:
        host = urlsplit(source.url).netloc.lower()
        if host in asked:
            sleep(max(0, asked[host] + SECONDS_BETWEEN - clock()))
        found = ask(source.url, fetcher)
        asked[host] = clock()
        if recorded := record(source, found, at=timezone.now()):
            yield recorded


def ask(url, fetcher):
    """Return the ``Answer`` of an address, or the ``AddressProblem`` for which there is none."""
    try:
        return fetcher.fetch(url)
    except FetchError as error:
        return error.problem


@transaction.atomic
def record(source, found, *, at):
    """
    Record what asking the address of a source found.

    Returns (``AddressCheck``, status before), or None where the source or its address is no longer the same.
    """
    DatasetVersion.lock()
    source = Source.objects.filter(pk=source.pk, url=source.url).first()
    if source is None:
        return None
    check = AddressCheck.objects.filter(source=source).first() or AddressCheck(source=source, url=source.url)
    if check.url != source.url:
        check = AddressCheck(pk=check.pk, source=source, url=source.url)
    before, check.checked_at = check.status, at
    check.moved_to, check.problem, check.http_status = "", "", None
    if isinstance(found, AddressProblem):
        check.problem = found
    else:
        check.http_status = found.status
        if found.status not in GONE and not 200 <= found.status < 300:
            check.problem = AddressProblem.ERROR
    if check.problem or check.http_status in GONE:
        check.status = AddressStatus.UNREACHABLE if check.problem else AddressStatus.GONE
        check.failing_since_at = check.failing_since_at or at
    else:
        check.answered_at, check.failing_since_at = at, None
        compare_content(check, source, found)
        check.moved_to = found.moved_to
        check.status = AddressStatus.OTHER_CONTENT if check.changed_since_at else AddressStatus.ANSWERS
        if check.moved_to:
            check.status = AddressStatus.MOVED
    check.save()
    return check, before


def compare_content(check, source, answer):
    """
    Note whether the content is the one that was first found, or a file of the source.

    An editor who has seen it since (``seen_date``) accepts the other content.
    """
    if answer.content is None:
        return
    sha256 = content_hash(answer)
    since = check.changed_since_at
    is_seen = since and source.seen_date >= timezone.localdate(since).isoformat()
    if not check.sha256 or is_seen:
        check.sha256 = sha256
    is_kept = source.files.filter(sha256=hashlib.sha256(answer.content).hexdigest()).exists()
    check.changed_since_at = None if is_kept or sha256 == check.sha256 else since or check.checked_at


def content_hash(answer):
    """Return the SHA-256 of some content; of a web page that of its words, as its code differs at every request."""
    content = answer.content
    if answer.media_type in {"text/html", "application/xhtml+xml"} and (text := decode(content)) is not None:
        words = _Words()
        with suppress(AssertionError):  # of Python's parser for some malformed pages: what it read until then counts
            words.feed(text)
            words.close()
        content = " ".join("".join(words.found).split()).encode()
    return hashlib.sha256(content).hexdigest()


class _Words(HTMLParser):
    """Collects the text of a web page that readers see."""

    def __init__(self):
        super().__init__()
        self.found, self.depth = [], 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag in NO_WORDS

    def handle_endtag(self, tag):
        self.depth -= tag in NO_WORDS and self.depth > 0

    def handle_data(self, data):
        if not self.depth:
            self.found.append(data)
