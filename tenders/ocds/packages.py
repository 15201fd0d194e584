"""Release packages and record packages: what stands around releases and records, written one by one."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from tenders.ocds.extension import DESCRIPTION
from tenders.ocds.series import UNRECORDED
from tenders.ocds.values import moment_text

EXTENSION = f"/ocds/extension/{DESCRIPTION}"
POLICY = "publication-policy"  # the page under /about/
REGISTERED = "https://raw.githubusercontent.com/open-contracting-extensions/{}/master/extension.json"
EXTENSIONS = (
    "ocds_tenderClassification_extension",
    "ocds_organizationClassification_extension",
    "ocds_partyDetails_scale_extension",
    "ocds_document_publisher_extension",
)

encode = json.JSONEncoder(ensure_ascii=False).encode


def policy_path():
    """Return the path of the publication policy, in the main language."""
    with override(settings.LANGUAGE_CODE):
        return reverse("page", args=[POLICY])


def publication():
    """Return who publishes, and the prefix of the identifiers."""
    is_example = settings.OCDS_PREFIX == settings.OCDS_EXAMPLE_PREFIX
    return {"publisher": settings.PUBLISHER_NAME, "prefix": settings.OCDS_PREFIX, "is_example": is_example}


@dataclass(frozen=True)
class Package:
    """What a package says of itself; ``changed_at`` is the moment of the last public change, None without any."""

    address: str
    site: str
    licence: str
    changed_at: datetime | None

    @property
    def policy(self):
        return f"{self.site}{policy_path()}"

    def metadata(self):
        """Return the members of a package that stand before its releases or records."""
        return {
            "uri": self.address,
            "version": "1.1",
            "extensions": [self.site + EXTENSION, *map(REGISTERED.format, EXTENSIONS)],
            "publishedDate": moment_text((self.changed_at or UNRECORDED).astimezone(UTC)),
            "publisher": {"name": settings.PUBLISHER_NAME, "uri": settings.PUBLISHER_URL or f"{self.site}/"},
            "license": self.licence,
            "publicationPolicy": self.policy,
        }

    def write_json(self, name, items):
        """Yield the text of a package; ``name`` is the member that holds the releases or records."""
        yield f"{encode(self.metadata())[:-1]}, {encode(name)}: ["
        for number, item in enumerate(items):
            yield f"{',' if number else ''}\n{encode(item)}"
        yield "\n]}\n"

    def write_jsonl(self, name, items):
        """Yield a line for each package of one release or record (JSON Lines)."""
        start = f"{encode(self.metadata())[:-1]}, {encode(name)}: ["
        yield from (f"{start}{encode(item)}]}}\n" for item in items)


def in_blocks(parts, size=1 << 16):
    """Yield texts joined to blocks of some length, the first one as it is."""
    block, length = [], size
    for part in parts:
        block.append(part)
        length += len(part)
        if length >= size:
            yield "".join(block)
            block, length = [], 0
    if block:
        yield "".join(block)
