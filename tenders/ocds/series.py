"""
The releases of one tender: one for each change after which it says something else.

Merged, they give the last content: a value that a release does not have any more is null in it. A list or an object
cannot be taken back: merging would leave an empty one, which the standard does not have. Then the record begins anew
with a full release.
"""

import datetime
from dataclasses import dataclass, field

from tenders.choices import EditorialState
from tenders.ocds.mapping import Content
from tenders.ocds.timelines import NOW
from tenders.ocds.values import moment_text

UNRECORDED = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)  # of what has no history at all (`begin_history`)
TICK = datetime.timedelta(microseconds=1)
SECTIONS = ("awards", "contracts")  # with tags of their own


class RetractionError(Exception):
    """A member of the former release cannot be taken back by a later one."""


@dataclass
class Record:
    """The releases of a tender, oldest first; the earlier ones are not a part of its record any more."""

    content: dict  # of the last release
    releases: list = field(default_factory=list)
    earlier: list = field(default_factory=list)

    def compiled(self):
        """Return the compiled release: what merging the releases gives."""
        date = self.releases[-1]["date"]
        return {**self.content, "id": f"{self.content['ocid']}-{date}", "date": date, "tag": ["compiled"]}


def record_of(batch, pk, site):
    """Return the record of a tender; without any releases if it is not public today."""
    record, last, moment = Record({}), {}, None
    if batch.tenders.public_at(pk, NOW) is None:
        return record
    for change in batch.changes_of(pk):
        moment = _moment(batch, change, moment)
        state = batch.tenders.at(pk, change)
        if state is None or state.state != EditorialState.PUBLISHED:
            continue
        content = Content(batch, change, site).of(pk)
        if content == record.content:
            continue
        last, record.content = record.content, content
        try:
            members, tag = _with_nulls(last, content), _tag(last, content)
        except RetractionError:
            record.earlier += record.releases
            record.releases, members, tag = [], content, _tag({}, content)
        date = moment.astimezone(datetime.UTC)
        name = f"{state.reference}-{date:%Y%m%dT%H%M%S%fZ}"
        record.releases.append({"id": name, "date": moment_text(date), "tag": tag, **members})
    return record


def _moment(batch, change, last):
    """Return the moment of a change: later than that of the one before, whatever the clock was then."""
    moment = batch.moments.get(change, UNRECORDED)
    if change == NOW:
        moment = last or UNRECORDED
    return moment if last is None or moment > last else last + TICK


def _with_nulls(last, content):
    """Return a content with null for all values that the one before had besides."""
    members = dict(content)
    for name, value in last.items():
        if name not in content:
            if isinstance(value, list | dict):
                raise RetractionError(name)
            members[name] = None
        elif isinstance(value, dict):
            members[name] = _with_nulls(value, content[name])
    return members


def _tag(last, content):
    """Return the tags of a release: which sections are new, or say something else."""
    if not last:
        return ["tender", *(section.removesuffix("s") for section in SECTIONS if section in content)]
    tags = []
    if any(last.get(name) != content.get(name) for name in {*last, *content} - {*SECTIONS}):
        tags.append("tenderUpdate")
    for section in SECTIONS:
        if last.get(section) != content.get(section):
            tags.append(section.removesuffix("s") + ("Update" if section in last else ""))
    return tags
