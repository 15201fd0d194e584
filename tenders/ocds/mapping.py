"""What a release says of a tender: OCDS 1.1, and our extension of it (docs/ocds.md)."""

from django.conf import settings

from tenders.kinds import sanitize
from tenders.models import Award, Company, Institution, Tender
from tenders.ocds.attributes import write_attributes
from tenders.ocds.documents import documents
from tenders.ocds.parties import organization, party_name
from tenders.ocds.statements import statements, unknown
from tenders.ocds.values import CLASSIFICATION, classification, date_time, money, without_empty


def ocid(reference):
    """Return the identifier of the contracting process of a tender."""
    return f"{settings.OCDS_PREFIX}-{reference}"


class Content:
    """What was public of one tender after a change, as the members of a release."""

    def __init__(self, batch, change, site):
        self.batch, self.change, self.site = batch, change, site

    def of(self, pk):
        """Return the members of a release of a tender, without those that name the release itself."""
        state = self.batch.tenders.at(pk, self.change)
        awards = self.batch.awards_at(pk, self.change)
        parties, buyer = self._parties(state, awards)
        targets = [(Tender, pk, state), *((model, key, party) for model, key, party, _role in parties)]
        found, disputes = statements(self.batch, self.change, targets, awards)
        own = {state.reference, *(award_id(state.reference, award) for award in awards)}
        is_disputed = any(key in own for key, _fact in disputes)
        return without_empty(
            {
                "ocid": ocid(state.reference),
                "initiationType": "tender",
                "language": "zh" if state.title_zh and not state.title_en else "en",
                "parties": [self._organization(*party) for party in parties],
                "buyer": buyer,
                "planning": {} if state.budget_amount is None else {"budget": {"amount": money(state.budget_amount)}},
                "tender": self._tender(state, found, is_disputed=is_disputed),
                "awards": [self._award(state.reference, award) for award in awards],
                "contracts": [contract(state.reference, award) for award in awards if award.contract_date],
                "relatedProcesses": self._related(state),
                "statements": [statement for statement, _source in found],
                "unknown": unknown(self.batch, self.change, targets, awards, disputes),
            }
        )

    def _parties(self, state, awards):
        """Return ([(model, primary key, state, role)] of the public parties, the reference to the buyer)."""
        parties, buyer = [], {}
        if institution := self.batch.institutions.public_at(state.buyer_id, self.change):
            parties.append((Institution, state.buyer_id, institution, "buyer"))
            buyer = {"id": institution.reference, "name": party_name(institution)}
        companies = {}
        for award in awards:
            for key in award.suppliers:
                if company := self.batch.companies.public_at(key, self.change):
                    companies[company.reference] = (Company, key, company, "supplier")
        return [*parties, *(companies[reference] for reference in sorted(companies))], buyer

    def _organization(self, model, pk, state, role):
        found = self.batch.cached(
            ("party", model, pk, self.change), lambda: organization(self.batch, self.change, model, state, self.site)
        )
        return {**found, "roles": [role]}

    def _tender(self, state, found_statements, *, is_disputed):
        category = self.batch.categories.at(state.category_id, self.change)
        found = {
            "id": state.reference,
            "title": sanitize(state.title_en or state.title_zh),
            "title_zh": sanitize(state.title_zh),
            "purchaseRegion": self.batch.region(state.region_id, self.change),
            "classification": category and of_category(category),
            "suggestedClassifications": self._suggestions(state),
            "datePublished": date_time(state.notice_date),
            "noticeDate": state.notice_date,
            "isDisputed": is_disputed or None,
            "documents": documents(self.batch, self.change, [source for _statement, source in found_statements]),
        }
        write_attributes(Tender, state, found, "tender/")
        return without_empty(found)

    def _suggestions(self, state):
        found = [self.batch.categories.at(key, self.change) for key in state.suggested_categories]
        return [of_category(category) for category in sorted(filter(None, found), key=lambda category: category.slug)]

    def _award(self, tender, award):
        companies = [self.batch.companies.public_at(key, self.change) for key in award.suppliers]
        companies = sorted(filter(None, companies), key=lambda company: company.reference)
        found = {
            "id": award_id(tender, award),
            "value": award_value(award),
            "date": date_time(award.award_date),
            "datePartial": award.award_date,
            "suppliers": [{"id": company.reference, "name": party_name(company)} for company in companies],
        }
        write_attributes(Award, award, found, "awards/")
        return without_empty(found)

    def _related(self, state):
        found = [self.batch.related.public_at(key, self.change) for key in state.possibly_same_as]
        return [
            {"id": reference, "relationship": ["possiblySameProcess"], "scheme": "ocid", "identifier": ocid(reference)}
            for reference in sorted(tender.reference for tender in found if tender)
        ]


def award_id(tender, award):
    """Return the identifier of an award, and of its contract."""
    return f"{tender}-{award.number}"


def award_value(award):
    """Return the value of an award; a bound is no amount, and an unknown amount no value."""
    if award.amount is None:
        return None
    value = money(award.amount)
    if award.amount_qualifier == "at-least":
        return {"currency": value["currency"], "amountAtLeast": value["amount"]}
    return value if award.amount_qualifier == "exact" else {**value, "amountQualifier": award.amount_qualifier}


def contract(tender, award):
    """Return the contract of an award of which the date is known."""
    return without_empty(
        {
            "id": award_id(tender, award),
            "awardID": award_id(tender, award),
            "dateSigned": date_time(award.contract_date),
            "dateSignedPartial": award.contract_date,
        }
    )


def of_category(category):
    """Return the classification of a category."""
    return classification(CLASSIFICATION, category.slug, category.name_en, category.name_zh)
