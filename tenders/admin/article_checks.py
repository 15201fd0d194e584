"""What an article still lacks: claims that its text marks, sources, tenders, anything that a claim speaks of."""

from django.urls import reverse
from django.utils.translation import gettext as _

from tenders.models import Tender


def missing_claims(article):
    """Return (code, address of the form that adds it) for the claims that the text marks and the article has not."""
    query = {"article": article.pk, "from_article": 1}
    return [
        (code, reverse("admin:tenders_claim_add", query={**query, "code": code}))
        for code in article.codes_without_claim()
    ]


def empty_parts(article, evaluations):
    """Return what is empty in an article, as (sentence, [(claim, its address)]); ``evaluations`` are of its claims."""
    found = []
    if not article.sources.exists():
        found.append((_("It has no source, so readers can’t see where its figures come from."), []))
    if not Tender.objects.published().filter(figures__articles__contains=f",{article.slug},").exists():
        found.append((_("No tender belongs to this article yet."), []))
    claims = [
        (str(claim), reverse("admin:tenders_claim_change", args=[claim.pk], query={"from_article": 1}))
        for claim in article.claims.order_by("code")
        if (results := evaluations[claim.code].query_results) and not any(result.listed for result in results)
    ]
    if claims:
        found.append((_("No recorded tender matches these claims:"), claims))
    return found
