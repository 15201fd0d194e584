"""Messages of the admin stand on the page that they belong to, and on no other."""

import pytest

from tenders.models import Company, Institution, Source, Tender
from tests.factories import create_source
from tests.test_admin import address, formset, offered, tender_form

pytestmark = pytest.mark.django_db

SOURCE = {"slug": "a-notice", "title": "A notice", "kind": "news"}
INSTITUTION = {"name_en": "A bureau", "name_en_status": "sourced", **formset("citations"), "_popup": "1"}
REFUSED = {"title_en": "A platform", "year": "next"}


def shown(response):
    """Return the messages of a page."""
    return [str(message) for message in response.context["messages"]]


def refuse(client):
    """Send a tender that cannot be saved; return the page."""
    response = client.post(address(Tender, "add"), tender_form(**REFUSED))
    assert response.context["errors"]
    return response


def test_a_success_that_was_shown_nowhere_stands_above_no_error(admin_client):
    admin_client.post(address(Source, "add"), SOURCE)  # its redirect is not followed, as when the window is closed
    assert Source.objects.filter(slug="a-notice").exists()

    response = refuse(admin_client)

    assert "was added successfully" not in response.text
    assert shown(response) == []
    assert "was added successfully" not in admin_client.get("/admin/").text


def test_a_success_stands_on_the_page_that_the_save_leads_to(admin_client):
    response = admin_client.post(address(Source, "add"), SOURCE, follow=True)

    assert "was added successfully" in response.text


@pytest.mark.parametrize("model", [Institution, Company])
@pytest.mark.parametrize("button", [None, "_submit", "_publish"])
def test_a_pop_up_leaves_no_message_for_the_next_page(admin_client, model, button):
    source = create_source()
    form = {**INSTITUTION, "cite_source": source.slug} | ({button: "x"} if button else {})
    offer, ticked = offered(admin_client.post(address(model, "add"), form))
    form |= {"cite_offered": offer, "cite_facts": ticked}

    response = admin_client.post(f"{address(model, 'add')}?_popup=1", form)

    assert "data-popup-response" in response.text
    assert model.objects.get().citations.exists()
    assert shown(admin_client.get(address(Tender, "add"))) == []


def test_an_error_of_a_pop_up_is_not_lost(admin_client):
    form = {**tender_form(title_en="A platform"), "_popup": "1", "_publish": "x"}

    admin_client.post(f"{address(Tender, 'add')}?_popup=1", form)

    assert ["has no source" in message for message in shown(admin_client.get("/admin/"))] == [True]
