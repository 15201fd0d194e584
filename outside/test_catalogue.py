"""The catalogue and the feeds."""

import json

import feedparser
import mlcroissant
import pyshacl
import pytest
import rdflib
from frictionless import Package

from outside.conftest import SITE, fetch

# What DCAT-AP 3 requires of a catalogue (mandatory properties), in our words.
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .

[] a sh:NodeShape ; sh:targetClass dcat:Catalog ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ] ,
    [ sh:path dct:description ; sh:minCount 1 ] ,
    [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path dcat:dataset ; sh:minCount 1 ; sh:class dcat:Dataset ] .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ] , [ sh:path dct:description ; sh:minCount 1 ] .
[] a sh:NodeShape ; sh:targetClass dcat:Distribution ;
  sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
"""


@pytest.mark.paths("datapackage.json")
def test_a_data_package_is_valid(path):
    report = Package(f"{SITE}{path}").validate()

    assert report.valid, report.to_summary()


@pytest.mark.paths("croissant.json")
def test_a_croissant_description_is_valid(path):
    dataset = mlcroissant.Dataset(jsonld=json.loads(fetch(path)))

    assert not dataset.metadata.issues.errors


@pytest.mark.paths("dcat.jsonld")
def test_the_catalogue_has_what_dcat_ap_requires(path):
    graph = rdflib.Graph().parse(data=fetch(path), format="json-ld")

    conforms, _graph, text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(data=SHAPES, format="turtle"))

    assert conforms, text


@pytest.mark.paths("s.atom")
def test_a_feed_is_well_formed(path):
    found = feedparser.parse(fetch(path))

    assert not found.bozo
    assert found.feed.title
