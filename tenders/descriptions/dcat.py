"""
The catalogue of the data as DCAT-AP 3.0 in JSON-LD: the lists of today, and a data set for each version.

The context is written out, so that no harvester has to fetch one.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from tenders.exports.live_lists import LISTS
from tenders.exports.writers import LICENCE

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
VOCABULARIES = "http://publications.europa.eu/resource/authority/"
LANGUAGES = ("ENG", "ZHO")
THEME = {"@value": "Government and public sector", "@language": "en"}


class Catalogue:
    """The catalogue of one site; ``absolute`` gives the absolute address of a path."""

    def __init__(self, data, versions, absolute, media_type):
        self.data, self.versions, self.absolute, self.media_type = data, versions, absolute, media_type
        self.page = absolute(reverse("data"))
        self.version_page = absolute(reverse("version-list"))

    def as_data(self):
        """Return the whole catalogue as JSON-LD."""
        live = self._live()
        return {
            "@context": CONTEXT,
            "@id": self.page,
            "@type": "dcat:Catalog",
            "dct:title": [{"@value": "TenderWatch", "@language": "en"}],
            "dct:description": self._texts(lambda: str(self.data.description)),
            "dct:publisher": self._publisher(),
            "dct:license": _licence(),
            "dct:language": [_term("language", code, "dct:LinguisticSystem") for code in LANGUAGES],
            "foaf:homepage": {"@id": self.absolute(reverse("overview")), "@type": "foaf:Document"},
            **self._modified(),
            "dcat:dataset": [live, *(self._frozen(*pair) for pair in self._with_previous())],
        }

    def _texts(self, get):
        """Return what a function gives in each language."""
        found = []
        for code, tag in (("en", "en"), ("zh-hans", "zh-Hans")):
            with override(code):
                found.append({"@value": get(), "@language": tag})
        return found

    def _publisher(self):
        return {
            "@id": settings.PUBLISHER_URL or f"{self.page}#publisher",
            "@type": "foaf:Agent",
            "foaf:name": settings.PUBLISHER_NAME,
        }

    def _modified(self):
        return {"dct:modified": _moment(self.data.changed_at)} if self.data.changed_at else {}

    def _about(self):
        """Return what the live data set and its versions have in common."""
        about = {
            "dct:description": self._texts(lambda: str(self.data.description)),
            "dct:publisher": {"@id": self._publisher()["@id"]},
            "dct:language": [_term("language", code, "dct:LinguisticSystem") for code in LANGUAGES],
            "dct:accessRights": _term("access-right", "PUBLIC", "dct:RightsStatement"),
            "dct:spatial": _term("country", "CHN", "dct:Location"),
            "dcat:theme": _term("data-theme", "GOVE", "skos:Concept") | {"skos:prefLabel": THEME},
            "dcat:keyword": self._keywords(),
        }
        if self.data.first_year is not None:
            about["dct:temporal"] = {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _typed(f"{self.data.first_year}", "gYear"),
                "dcat:endDate": _typed(f"{self.data.last_year}", "gYear"),
            }
        if settings.CONTACT_EMAIL:
            about["dcat:contactPoint"] = {
                "@type": ["vcard:Kind", "vcard:Organization"],
                "vcard:fn": settings.PUBLISHER_NAME,
                "vcard:hasEmail": {"@id": f"mailto:{settings.CONTACT_EMAIL}"},
            }
        return about

    def _keywords(self):
        words = (("public procurement", "政府采购"), ("blockchain", "区块链"), ("China", "中国"))
        return [
            {"@value": word, "@language": tag}
            for pair in words
            for word, tag in zip(pair, ("en", "zh-Hans"), strict=True)
        ]

    def _live(self):
        return {
            "@id": f"{self.page}#dataset",
            "@type": "dcat:Dataset",
            "dct:title": self._texts(lambda: self.data.title),
            "dct:identifier": f"{self.page}#dataset",
            "dct:accrualPeriodicity": _term("frequency", "IRREG", "dct:Frequency"),
            "dcat:landingPage": _document(self.page),
            **self._about(),
            **self._modified(),
            "dcat:hasVersion": [{"@id": self._id(version)} for version in self.versions],
            "dcat:distribution": [
                self._distribution(address, f"{listed.name} ({form.upper()})", media_type)
                for listed in LISTS
                for form, address, media_type in listed.files(self.absolute)
            ],
        }

    def _id(self, version):
        return f"{self.version_page}#{version.release}"

    def _with_previous(self):
        return zip(self.versions, [None, *self.versions], strict=False)

    def _frozen(self, version, previous):
        """Return a version as a data set, which never changes."""
        found = {
            "@id": self._id(version),
            "@type": "dcat:Dataset",
            "dct:title": self._texts(lambda: f"{self.data.title} ({version.name})"),
            "dct:identifier": f"{version.name} {version.sha256}",
            "dcat:version": version.name,
            "dct:issued": _moment(version.released_at),
            "dcat:isVersionOf": {"@id": f"{self.page}#dataset"},
            "dcat:landingPage": _document(self.version_page),
            **self._about(),
            "dcat:distribution": [
                {
                    **self._distribution(
                        self.absolute(reverse("version-file", args=[version.name, name])), name, self.media_type(name)
                    ),
                    "dcat:byteSize": _typed(str(file["bytes"]), "nonNegativeInteger"),
                    "spdx:checksum": {
                        "@type": "spdx:Checksum",
                        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
                        "spdx:checksumValue": _typed(file["sha256"], "hexBinary"),
                    },
                }
                for name, file in version.there().items()
            ],
        }
        return found | ({"dcat:previousVersion": {"@id": self._id(previous)}} if previous else {})

    def _distribution(self, address, title, media_type):
        return {
            "@id": f"{address}#distribution",
            "@type": "dcat:Distribution",
            "dct:title": title,
            "dct:license": _licence(),
            "dcat:accessURL": _resource(address),
            "dcat:downloadURL": _resource(address),
            "dcat:mediaType": {"@id": MEDIA_TYPES + media_type, "@type": "dct:MediaType"},
        }


def _term(vocabulary, code, kind):
    return {"@id": f"{VOCABULARIES}{vocabulary}/{code}", "@type": kind}


def _licence():
    return {"@id": LICENCE, "@type": "dct:LicenseDocument"}


def _document(address):
    return {"@id": address, "@type": "foaf:Document"}


def _resource(address):
    return {"@id": address, "@type": "rdfs:Resource"}


def _typed(text, kind):
    return {"@value": text, "@type": f"xsd:{kind}"}


def _moment(moment):
    return _typed(moment.isoformat(timespec="seconds"), "dateTime")
