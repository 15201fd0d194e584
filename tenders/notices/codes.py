"""Codelists of readings of notices: kinds of notices, states of facts, what an amount is, and warnings."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoticeKind(models.TextChoices):
    """Kinds of Chinese procurement notices."""

    AWARD = "award", _("Award notice")
    TENDER = "tender", _("Call for bids")
    CONTRACT = "contract", _("Contract notice")
    CORRECTION = "correction", _("Correction")
    FAILED = "failed", _("Notice of failure")
    CANCELLED = "cancelled", _("Notice of cancellation")
    SINGLE_SOURCE = "single-source", _("Announcement of a single source")
    CANDIDATES = "candidates", _("Announcement of candidates")
    FRAMEWORK = "framework", _("Notice of a framework agreement")
    INTENTION = "intention", _("Procurement plan")
    NOT_A_NOTICE = "not-a-notice", _("Not a procurement notice")


class FactState(models.TextChoices):
    """How far a fact could be read from a notice."""

    FOUND = "found", pgettext_lazy("fact of a notice", "Found")
    CHECK = "check", pgettext_lazy("fact of a notice", "Please check")
    ABSENT = "absent", pgettext_lazy("fact of a notice", "Not in this notice")


class AmountKind(models.TextChoices):
    """What the amount of a lot is."""

    AMOUNT = "amount", _("Awarded amount")
    CONTRACT = "contract", _("Contract amount")
    RATE = "rate", _("Rate or discount")
    UNIT_PRICE = "unit-price", _("Price of a unit")
    NONE = "none", _("No amount")


class WarningCode(models.TextChoices):
    """What an editor has to know of a notice; ``NoticeWarning.sentence`` says it with the words of the notice."""

    REGION_NOT_STATED = "region-not-stated", _("The notice doesn’t state the region of the buyer or the purchase.")
    METHOD_INFERRED = "method-inferred", _("The procurement method isn’t stated, only implied by other words.")
    AMOUNT_IS_RATE = "amount-is-rate", _("A rate or discount is stated instead of an amount.")
    AMOUNT_IS_UNIT_PRICE = "amount-is-unit-price", _("The price of a unit is stated instead of an amount.")
    AMOUNT_BELOW_ONE_YUAN = "amount-below-one-yuan", _("An amount is below one yuan.")
    UNIT_MISSING = "unit-missing", _("An amount has no unit: it may be in yuan or in 万元.")
    UNIT_CONFLICT = "unit-conflict", _("The unit of an amount is doubtful.")
    WORDS_AND_FIGURES_DIFFER = "words-and-figures-differ", _("An amount differs in words and in figures.")
    SUM_DIFFERS_FROM_TOTAL = "sum-differs-from-total", _("The amounts don’t add up to the stated total.")
    BUDGET_BY_LOT = "budget-by-lot", _("Budgets are stated for lots, and none for the whole.")
    SEVERAL_BUYERS = "several-buyers", _("The notice names several buyers.")
    SEVERAL_PROJECTS = "several-projects", _("The notice is about several projects.")
    OTHER_LOTS_ELSEWHERE = "other-lots-elsewhere", _("Other lots of this project are in other notices.")
    CORRECTION = "correction", _("This notice corrects an earlier one.")
    PROPOSED_SUPPLIER_IS_NO_WINNER = "proposed-supplier-is-no-winner", _("A proposed supplier hasn’t won.")
    CANDIDATE_IS_NO_WINNER = "candidate-is-no-winner", _("A candidate hasn’t won yet.")
    FRAMEWORK_WITHOUT_AMOUNT = "framework-without-amount", _("A framework agreement without an amount.")
    CREDIT_CODE_INVALID = "credit-code-invalid", _("A unified social credit code isn’t valid.")
    TRADITIONAL_CHARACTERS = "traditional-characters", _("The notice is in traditional characters.")
    BROKEN_LINES_JOINED = "broken-lines-joined", _("Words that a line break divides were joined.")
    HIDDEN_TEXT_IGNORED = "hidden-text-ignored", _("Text that the page hides was left out.")
    PAGE_REPAIRED = "page-repaired", _("The page is damaged; what could be read of it was read.")
    NOT_A_NOTICE = "not-a-notice", _("This doesn’t look like a procurement notice.")
    # This says why a single fact is left to the editor; it is no warning of the whole.
    VALUES_DIFFER = "values-differ", _("The notice states different values.")
