"""Feeds as Atom (RFC 4287, with pages by RFC 5005) and as JSON Feed 1.1."""

import datetime
import json
from dataclasses import dataclass

from django.utils.feedgenerator import Atom1Feed

from tenders.exports.writers import LICENCE

AUTHOR = "TenderWatch"
TAG_DATE = 2026  # of the tag URIs (RFC 4151): a year in which the site had its name
EMPTY_SINCE = datetime.datetime(TAG_DATE, 1, 1, tzinfo=datetime.UTC)  # when a feed without any item was updated


@dataclass(frozen=True)
class Feed:
    """
    A page of a feed; addresses are absolute.

    ``topic`` names the feed in its id. ``updated_at`` is the moment of the last public change, None without any.
    """

    title: str
    page: str
    address: str
    topic: str
    host: str
    language: str
    items: list
    updated_at: datetime.datetime | None
    next: str = ""

    def tag(self, name):
        """Return a name for ever (a tag URI) of something of this site."""
        return f"tag:{self.host.partition(':')[0]},{TAG_DATE}:{name}"

    def absolute(self, path):
        """Return the address of a path of the site."""
        return f"{self.page.partition('://')[0]}://{self.host}{path}"

    @property
    def updated(self):
        return max((item.moment for item in self.items), default=self.updated_at or EMPTY_SINCE)


class _Atom(Atom1Feed):
    def latest_post_date(self):
        return self.feed["updated"]

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        handler.addQuickElement("link", "", {"rel": "license", "href": LICENCE})
        if self.feed["next"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["next"]})


def write_atom(feed):
    """Return a feed as Atom."""
    atom = _Atom(
        title=feed.title,
        link=feed.page,
        description=None,
        language=feed.language,
        author_name=AUTHOR,
        feed_url=feed.address,
        feed_guid=feed.tag(feed.topic),
        updated=feed.updated,
        next=feed.next,
    )
    for item in feed.items:
        atom.add_item(
            title=item.title,
            link=feed.absolute(item.path),
            description=item.summary,
            unique_id=feed.tag(item.id),
            pubdate=item.moment,
            updateddate=item.moment,
            categories=[item.tag],
        )
    return atom.writeString("utf-8")


def write_json(feed):
    """Return a feed as JSON Feed 1.1."""
    members = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        **({"next_url": feed.next} if feed.next else {}),
        "language": feed.language,
        "authors": [{"name": AUTHOR}],
        "items": [
            {
                "id": feed.tag(item.id),
                "url": feed.absolute(item.path),
                "title": item.title,
                "content_html": item.summary,
                "date_published": item.moment.isoformat(),
                "tags": [item.tag],
            }
            for item in feed.items
        ],
    }
    return json.dumps(members, ensure_ascii=False, indent=2) + "\n"


# By the extension of the address: how a feed is written, and its media type.
FORMS = {
    "atom": (write_atom, "application/atom+xml"),
    "feed.json": (write_json, "application/feed+json"),
}
FORM_NAMES = {"atom": "Atom", "feed.json": "JSON Feed"}
