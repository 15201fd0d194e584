"""What is written beside the tender when a notice is saved: its source and file, names of parties, and the intake."""

from django.utils import timezone

from tenders import kinds
from tenders.admin.notices.forms import typed_fields
from tenders.choices import Fact
from tenders.kinds import canonical
from tenders.models import Citation, Company


def cite_new_parties(notice, parties):
    """Cite the name and the code of each new party that the notice names from its words."""
    words = _words_of_parties(notice.draft)
    for party in parties:
        quotation = words.get(party.name_zh)
        if code := quotation and _credit_code(notice.draft.reading, party):
            party.credit_code = code
            party.save()
        for fact in (Fact.NAME_ZH, Fact.NAME_EN, Fact.CREDIT_CODE):
            if not party.canonical(fact) or not notice.source.may_have(party, fact):
                continue
            stated = {}
            if quotation and fact == Fact.NAME_ZH:
                stated = {"stated": quotation.words, "place": quotation.place, "place_zh": quotation.place_zh}
            Citation.objects.create(
                **{party._meta.model_name: party},
                fact=fact,
                source=notice.source,
                value=party.canonical(fact),
                is_chosen=True,
                **stated,
            )


def _words_of_parties(draft):
    """Return {name of a new party: the words of the notice that name it}."""
    found = {}
    for _number, name, proposal in draft.proposals():
        if name in {"buyer", "suppliers"}:
            for option in (proposal, *proposal.options):
                names = option.typed if isinstance(option.typed, list) else [option.typed]
                found |= {typed.removeprefix("+"): option.quotation for typed in names if option.quotation}
    return found


def _credit_code(reading, party):
    """Return the credit code that the notice states for a company, if nobody has it."""
    codes = {winner.name: winner.credit_code for lot in reading.lots for winner in lot.winners}
    code = codes.get(party.name_zh, "") if isinstance(party, Company) else ""
    return "" if code and Company.objects.filter(credit_code=code).exists() else code


def finish_intake(notice, tender, new_parties):
    """Keep what was proposed and what was saved, for the count of what editors change, and where it is now."""
    intake = notice.intake
    intake.source, intake.tender, intake.saved_at = notice.source, tender.reference, timezone.now()
    intake.labels_version = notice.draft.reading.labels_version[:40]
    new = {party.reference for party in new_parties}
    awards = {award.number: award for award in tender.awards.prefetch_related("suppliers")}
    proposed, saved = {}, {}
    for number, proposals in [(0, notice.draft.tender), *notice.draft.awards.items()]:
        record = awards.get(number) if number else tender
        typed = typed_fields(proposals)
        for name in COUNTED_OF_AWARDS if number else COUNTED:
            if name not in proposals or proposals[name].record:
                continue
            attribute = next(one for one in notice.attributes(number) if one.name == name)
            key = f"{number}.{name}" if number else name
            proposed[key] = _plain(attribute, typed.get(name, ""))
            saved[key] = _saved(attribute, record, new) if record else ""
    intake.proposed, intake.saved = proposed, saved
    intake.save()


# Fields that are counted: those that notices state.
COUNTED = (
    "title_zh",
    "official_number",
    "buyer",
    "region",
    "year",
    "notice_date",
    "status",
    "procurement_method",
    "budget_amount",
)
COUNTED_OF_AWARDS = ("lot", "suppliers", "amount", "award_date", "contract_date", "status")


def _plain(attribute, typed):
    """Return what was proposed: of a party that is here its reference, of a new one its name."""
    if isinstance(attribute.kind, kinds.RelatedRecord):
        names = typed if isinstance(typed, list) else [typed]
        return "|".join(sorted(name if name.startswith("+") else name.rpartition(" · ")[2] for name in names if name))
    return attribute.kind.normalize(str(typed)) if typed else ""


def _saved(attribute, record, new):
    """Return the same of what was saved; ``new`` are the references of new parties."""
    if attribute.kind.is_list:
        records = getattr(record, attribute.name).all()
    elif isinstance(attribute.kind, kinds.RelatedRecord):
        value = getattr(record, attribute.name)
        records = [value] if value else []
    else:
        return attribute.canonical(record)
    return "|".join(
        sorted(
            f"+{one.name_zh or one.name_en}" if getattr(one, "reference", "") in new else canonical(one)
            for one in records
        )
    )
