"""The past: ``as_of`` gives what was public then, byte for byte, on every public address."""

import pytest
from django.test import Client

from tenders import past
from tenders.models import Change, Tender
from tests.factories import create_tender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.PAST_ROOT = tmp_path / "past"
    return settings.PAST_ROOT


def test_it(client, folder):
    tender = create_tender(title_en="Before")
    number = Change.objects.order_by("pk").last()
    before = client.get("/tenders/").text
    tender.title_en = "After"
    tender.save()
    stamp = number.made_at.isoformat()
    r = client.get("/tenders/", {"as_of": stamp})
    assert r.status_code == 200
    open("/tmp/past-data/page.html", "w").write(r.text)
    assert "Before" in r.text
    assert "After" not in r.text
    print(r.headers)
    assert client.get("/tenders/?as_of=2001").status_code == 400
    print(client.get("/tenders.json?as_of=2001").text)
    print(client.get("/tenders.json?as_of=200x").text)
    print(client.get("/tenders.json?as_of=2001&as_of=2002").text)
    print(client.get("/tenders.json?as_of=2099").text)
