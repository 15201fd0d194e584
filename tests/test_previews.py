"""Previews: unpublished records as the public would see them, for users with view permission in the admin."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.translation import override

from tenders.choices import EditorialState
from tenders.models import Article, Change, Company, DatasetVersion, Institution, Tender
from tests.factories import (
    cite_all,
    create_article,
    create_award,
    create_claim,
    create_company,
    create_institution,
    create_tender,
)

pytestmark = pytest.mark.django_db

HIDDEN = [EditorialState.DRAFT, EditorialState.IN_REVIEW, EditorialState.WITHDRAWN]
CREATE = {
    "tender": create_tender,
    "institution": create_institution,
    "company": create_company,
    "article": create_article,
}


def address_of(record):
    return reverse(f"preview-{record._meta.model_name}", args=[record.natural_key()[0]])


@pytest.fixture
def editor(client):
    user = get_user_model().objects.create_superuser("editor")
    client.force_login(user)
    return user


@pytest.mark.parametrize("state", HIDDEN)
@pytest.mark.parametrize("create", CREATE.values(), ids=CREATE)
def test_an_unpublished_record_is_previewed_with_a_banner(client, editor, create, state):
    record = create(state=state)

    response = client.get(address_of(record))

    assert response.status_code == 200
    assert "Preview: not public" in response.text
    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response


@pytest.mark.parametrize("create", CREATE.values(), ids=CREATE)
def test_previews_exist_in_chinese(client, editor, create):
    with override("zh-hans"):
        address = address_of(create(state="draft"))
        assert address.startswith("/zh-hans/admin/preview/")
        assert client.get(address).status_code == 200


# Parts that a preview lacks: history, JSON-LD, suggested citation, the way to report an error.
PUBLIC_ONLY = re.compile(
    r'<section class="history".*?</section>'
    r'|<script type="application/ld\+json">.*?</script>'
    r'|<div class="cite" .*?(?=</main>)|<div class="page-actions">.*?</div>|<p><a class="report-link".*?</p>'
    r'|<button [^>]*popovertarget="cite">.*?</button>'
    r'|<li><a href="#history">.*?</li>',
    re.DOTALL,
)


def main(text):
    return PUBLIC_ONLY.sub("", text.split("<main")[1]).split()


def test_a_preview_equals_the_later_public_page(client, editor):
    tender = create_tender(state="draft", title_en="A platform", buyer=create_institution(state="draft"))
    create_award(tender, create_company(state="in-review"), amount=500)
    cite_all(tender)
    preview = client.get(address_of(tender)).text

    for model in (Tender, Institution, Company):
        model.objects.update(state=EditorialState.PUBLISHED)

    page = client.get(tender.get_absolute_url()).text
    assert "A platform" in preview
    for record in (tender.buyer, Company.objects.get()):
        preview = preview.replace(address_of(record), record.get_absolute_url())
    assert main(preview) == main(page)


def test_an_article_is_previewed_with_its_claims(client, editor, article_data):
    article = Article.objects.get()
    page = client.get(article.get_absolute_url()).text
    Article.objects.update(state=EditorialState.DRAFT)
    article.refresh_from_db()

    preview = client.get(address_of(article)).text

    assert main(preview.replace(address_of(article), article.get_absolute_url())) == main(page)
    claims = set(re.findall(rf'href="({address_of(article)}claims/[^"]+)"', preview))
    assert len(claims) > 30
    assert client.get(sorted(claims)[0]).status_code == 200


def test_every_link_of_a_preview_opens(client, editor):
    tender = create_tender(state="draft", title_en="A platform", buyer=create_institution(state="draft"))
    create_award(tender, create_company(state="in-review", institution=tender.buyer), amount=500)
    tender.possibly_same_as.add(create_tender(state="draft"))
    article = create_article(state="draft", text_en="## Text\n\n[[A1]]")
    create_claim(article, "count", code="A1", printed=1, tender=tender)
    records = [tender, tender.buyer, Company.objects.get(), article]

    for address in map(address_of, records):
        for link in set(re.findall(r'href="(/[^"#]*)"', client.get(address).text)):
            if not link.startswith("/static/") and "?article=" not in link:
                assert client.get(link, follow=True).status_code == 200, (address, link)


@pytest.mark.parametrize("create", CREATE.values(), ids=CREATE)
def test_a_preview_writes_nothing(client, editor, create):
    record = create(state="draft")
    before = DatasetVersion.current(), Change.objects.count()

    client.get(address_of(record))

    record.refresh_from_db()
    assert record.state == "draft"
    assert (DatasetVersion.current(), Change.objects.count()) == before


@pytest.mark.parametrize("create", CREATE.values(), ids=CREATE)
def test_the_preview_of_a_public_record_redirects_to_its_page(client, editor, create):
    record = create()

    response = client.get(address_of(record))

    assert response.status_code == 302
    assert response["Location"] == record.get_absolute_url()


@pytest.mark.parametrize("name", CREATE)
@pytest.mark.parametrize("who", ["nobody", "staff", "inactive", "other"])
def test_without_view_permission_known_and_unknown_records_redirect_to_the_login_alike(client, name, who):
    if who != "nobody":
        user = get_user_model().objects.create_user(who, is_staff=True, is_active=who != "inactive")
        models = {"staff": [], "other": set(CREATE) - {name}}.get(who, CREATE)
        user.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{model}" for model in models]))
        client.force_login(user)
    record = CREATE[name](state="draft")
    absent = "not-there" if name == "article" else f"{record.REFERENCE_PREFIX}-000000"

    responses = []
    for key in (record.natural_key()[0], absent):
        response = client.get(reverse(f"preview-{name}", args=[key]))
        assert response.status_code == 302
        responses.append((response["Location"].replace(key, ""), response["Cache-Control"], response.content))

    assert responses[0] == responses[1]
    assert responses[0][0].startswith("/admin/login/")


@pytest.mark.parametrize("name", CREATE)
def test_view_permission_of_the_model_is_enough(client, name):
    user = get_user_model().objects.create_user("viewer")
    user.user_permissions.add(Permission.objects.get(codename=f"view_{name}"))
    client.force_login(user)

    assert client.get(address_of(CREATE[name](state="draft"))).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["tenders/TW-000000/", "tenders/nonsense/", "articles/none/", "articles/none/claims/A1/", "tenders/%00/", ""],
)
def test_the_preview_of_an_unknown_record_is_404(client, editor, address):
    assert client.get(f"/admin/preview/{address}", follow=True).status_code == 404


def test_previews_are_not_for_crawlers(client):
    article = create_article(state="draft")

    assert address_of(article).startswith("/admin/")
    assert "Disallow: /admin/" in client.get("/robots.txt").text
    assert article.slug not in client.get("/sitemap-articles.xml").text
