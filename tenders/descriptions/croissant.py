"""
The last version as Croissant 1.0: its tables as sets of records that libraries of machine learning load.

The context is written out, so that no reader has to fetch it. Live lists are not described: Croissant asks for the
checksum of every file. The keys between tables are in their data package: readers join a set of records with all that
it refers to.
"""

from django.urls import reverse

from tenders.exports.writers import LICENCE
from tenders.versions.releasing import PACKAGE
from tenders.versions.tables import TABLES

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TEXT = "sc:Text"  # of all columns: Croissant has no word for a cell of a number or a date that is unknown


def croissant(version, data, absolute, citation):
    """Return the description of a version; ``absolute`` gives the absolute address of a path."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "tenderwatch",
        "description": str(data.description),
        "license": LICENCE,
        "url": f"{absolute(reverse('version-list'))}#{version.release}",
        "version": version.name if version.amends else f"{version.name}.0",
        "datePublished": version.released_at.isoformat(),
        "citeAs": citation,
        "creator": {"@type": "sc:Organization", "name": citation.partition(" (")[0]},
        "isLiveDataset": False,
        "distribution": [_package(version, absolute), *map(_file, TABLES)],
        "recordSet": [_record_set(table) for table in TABLES],
    }


def _package(version, absolute):
    file = version.files[PACKAGE]
    return {
        "@type": "cr:FileObject",
        "@id": PACKAGE,
        "name": PACKAGE,
        "contentUrl": absolute(reverse("version-file", args=[version.name, PACKAGE])),
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": "application/zip",
        "sha256": file["sha256"],
    }


def _file(table):
    return {
        "@type": "cr:FileObject",
        "@id": f"{table.name}.csv",
        "name": f"{table.name}.csv",
        "description": table.description,
        "contentUrl": f"{table.name}.csv",
        "containedIn": {"@id": PACKAGE},
        "encodingFormat": "text/csv",
    }


def _record_set(table):
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [_field(table, column) for column in table.columns],
    }


def _field(table, column):
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": str(column.description),
        "dataType": TEXT,
        "source": {"fileObject": {"@id": f"{table.name}.csv"}, "extract": {"column": column.name}},
    }
