"""Codelists, with the codes of OCDS 1.1 where it has the list; ``docs/data.md`` documents all codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EditorialState(models.TextChoices):
    """Editorial state of a record; only published records are public."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in-review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


EVER_PUBLIC = (EditorialState.PUBLISHED, EditorialState.WITHDRAWN)  # states of what readers may have seen


class NameStatus(models.TextChoices):
    """Provenance of a name or a title."""

    SOURCED = "sourced", _("Sourced: a document has it")
    CORRECTED = "sourced-corrected", _("Sourced, wording corrected by us: the citation quotes the source")
    COMMON_KNOWLEDGE = "common-knowledge", _("Common knowledge: the official name of a well-known organisation")
    UNVERIFIED = "unverified-translation", _("Unverified translation: ours, for searching")


class RegionKind(models.TextChoices):
    """The kinds of province-level divisions of ISO 3166-2:CN."""

    MUNICIPALITY = "municipality", _("Municipality")
    PROVINCE = "province", _("Province")
    AUTONOMOUS_REGION = "autonomous-region", _("Autonomous region")
    SPECIAL_REGION = "special-administrative-region", _("Special administrative region")


class InstitutionKind(models.TextChoices):
    """Kinds of organisations that buy."""

    GOVERNMENT_DEPARTMENT = "government-department", _("Government department")
    PUBLIC_INSTITUTION = "public-institution", _("Public institution")
    TAX_AUTHORITY = "tax-authority", _("Tax authority")
    CUSTOMS = "customs", _("Customs")
    COURT_OR_PROCURATORATE = "court-or-procuratorate", _("Court or procuratorate")
    UNIVERSITY_OR_COLLEGE = "university-or-college", _("University or college")
    HOSPITAL = "hospital", _("Hospital")
    LABORATORY = "laboratory", _("Laboratory")
    ASSOCIATION = "association", _("Association")
    STATE_OWNED_ENTERPRISE = "state-owned-enterprise", _("State-owned enterprise")
    COMPANY = "company", _("Company")


class Level(models.TextChoices):
    """The level of government that an organisation belongs to, or serves."""

    CENTRAL = "central", _("Central")
    PROVINCIAL = "provincial", _("Provincial")
    MUNICIPAL = "municipal", _("Municipal")
    COUNTY = "county", _("County")
    LOCAL = "local", _("Local, exact level unknown")


class CompanyKind(models.TextChoices):
    """Kinds of organisations that supply."""

    COMPANY = "company", _("Company")
    PUBLIC_INSTITUTION = "public-institution", _("Public institution")


class CompanySize(models.TextChoices):
    """
    The size classes of China's Ministry of Industry and Information Technology (MIIT).

    Many sources state "small or micro" without distinction, so that is a code of its own.
    """

    MICRO = "micro", _("Micro")
    SMALL = "small", _("Small")
    SMALL_OR_MICRO = "small-or-micro", _("Small or micro")
    MEDIUM = "medium", _("Medium")
    LARGE = "large", _("Large")


class TenderStatus(models.TextChoices):
    """OCDS codelist ``tenderStatus``: the status of the contracting process at the time of the source."""

    PLANNING = "planning", _("Planning")
    PLANNED = "planned", _("Planned")
    ACTIVE = "active", _("Active: open for bids")
    CANCELLED = "cancelled", _("Cancelled")
    UNSUCCESSFUL = "unsuccessful", _("Unsuccessful")
    COMPLETE = "complete", _("Complete: awarded")
    WITHDRAWN = "withdrawn", _("Withdrawn by the buyer")


class ProcurementMethod(models.TextChoices):
    """OCDS codelist ``method``: how open the procurement was to bidders."""

    OPEN = "open", _("Open")
    SELECTIVE = "selective", _("Selective")
    LIMITED = "limited", _("Limited")
    DIRECT = "direct", _("Direct")


class AwardStatus(models.TextChoices):
    """OCDS codelist ``awardStatus``."""

    PENDING = "pending", _("Pending")
    ACTIVE = "active", _("Active: awarded")
    CANCELLED = "cancelled", _("Cancelled")
    UNSUCCESSFUL = "unsuccessful", _("Unsuccessful")


class AmountQualifier(models.TextChoices):
    """Precision of a stated amount."""

    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    AT_LEAST = "at-least", _("at least")


class CategoryBasis(models.TextChoices):
    """Basis of the category of a tender."""

    STATED = "stated", _("Stated by a source")
    IMPLIED = "implied", _("Implied by a source")


class Certainty(models.TextChoices):
    """How certain it is that a record is one tender, and is identified correctly."""

    HIGH = "high", _("High certainty")
    MEDIUM = "medium", _("Medium certainty")
    LOW = "low", _("Low certainty: doubtful")


class SourceKind(models.TextChoices):
    """Kinds of sources; the last two are no documents."""

    OFFICIAL_NOTICE = "official-notice", _("Official notice")
    AWARD_NOTICE = "award-notice", _("Award notice")
    CONTRACT = "contract", _("Contract")
    UNOFFICIAL_COPY = "unofficial-copy", _("Unofficial copy")
    NEWS = "news", _("News")
    STUDY = "study", _("Study")
    OFFICIAL_SITE = "official-site", _("Official site")
    OPEN_DATA = "open-data", _("Open data")
    COMMON_KNOWLEDGE = "common-knowledge", _("Common knowledge (no document)")
    EDITORS_TRANSLATION = "editors-translation", _("Editors’ translation (no document)")


class SourceLanguage(models.TextChoices):
    """The language in which a source is written."""

    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")
    OTHER = "other", _("Another language")


class ValueType(models.TextChoices):
    """Types of the columns of a download."""

    TEXT = "text", _("text")
    CODE = "code", _("code")
    REFERENCE = "reference", _("reference")
    NUMBER = "number", pgettext_lazy("what a column holds", "number")
    MONEY = "money", _("money")
    FLAG = "flag", _("yes or no")
    DATE = "partial date", _("date, as exact as known")
    ADDRESS = "address", _("address")


class Fact(models.TextChoices):
    """Facts that citations state; the ``ATTRIBUTES`` of a model map them to columns."""

    EXISTENCE = "existence", _("Existence of the tender")
    TITLE_EN = "title", _("English title")
    TITLE_ZH = "title_zh", _("Chinese title")
    NAME_EN = "name", _("English name")
    NAME_ZH = "name_zh", _("Chinese name")
    OFFICIAL_NUMBER = "official_number", _("Official number")
    INSTITUTION = "institution", _("Institution")
    YEAR = "year", _("Year")
    NOTICE_DATE = "notice_date", _("Date of notice")
    REGION = "region", _("Region")
    CITY = "city", _("City")
    CATEGORY = "category", _("Category")
    STATUS = "status", _("Status")
    METHOD = "method", _("Procurement method")
    BUDGET = "budget", _("Budget")
    IS_MAIN_SUBJECT = "is_main_subject", _("Blockchain is the main subject")
    SUPPLIER = "supplier", _("Winner")
    AWARD_AMOUNT = "award_amount", _("Award amount")
    AWARD_DATE = "award_date", _("Award date")
    CONTRACT_DATE = "contract_date", _("Contract date")
    AWARD_STATUS = "award_status", _("Award status")
    IS_JOINT = "is_joint", _("Won jointly")
    LOT = "lot", _("Lot")
    KIND = "kind", _("Kind")
    LEVEL = "level", _("Level")
    CREDIT_CODE = "credit_code", _("Unified social credit code")
    SIZE = "size", _("Size class")
    FOUNDED = "founded", _("Founded")
    GROUP = "group", _("Group")
    GROUP_REGION = "group_region", _("Group registered in")


class Measure(models.TextChoices):
    """Measures of claims; ``tenders.claims.measures`` computes them."""

    COUNT = "count", _("Number of tenders")
    COUNT_INSTITUTIONS = "count-institutions", _("Number of different institutions")
    COUNT_REGIONS = "count-regions", _("Number of different regions")
    SHARE = "share", _("Share of a part in a whole")
    RATIO = "ratio", _("One number over another")
    RATIO_OF_SHARES = "ratio-of-shares", _("One share over another")
    RANK = "rank", _("Rank of a value among others")
    LARGEST_AWARD = "largest-award", _("Largest award")
    NTH_AWARD = "nth-award", _("Second, third, … largest award")
    SUM_AWARD = "sum-award", _("Sum of the awards")
    SUM_BUDGET = "sum-budget", _("Sum of the budgets")
    AMOUNT = "amount", _("Awarded amount of one tender")
    FACT = "fact", _("A fact of one record")
    EXISTS = "exists", _("Existence of a tender")
    SUM_OF_CLAIMS = "sum-of-claims", _("Whether the article’s figures add up")
    NONE = "none", _("None: it can’t be checked")


class Printed(models.TextChoices):
    """How an article prints a figure, which determines the values that agree with it."""

    EXACTLY = "exactly", _("exactly")
    AT_LEAST = "at-least", _("at least")
    MORE_THAN = "more-than", _("more than")
    AT_MOST = "at-most", _("at most")
    LESS_THAN = "less-than", _("less than")
    BETWEEN = "between", _("one of several: from … to …")
    ABOUT = "about", _("about: somewhere from … to …")
    CUT_OFF = "cut-off", _("cut off, not rounded: 54.54 for 54.5454…")


class Unit(models.TextChoices):
    """Units of printed figures."""

    TENDERS = "tenders", _("tenders")
    CASES = "cases", _("cases")
    NOTICES = "notices", _("notices")
    APPLICATIONS = "applications", _("applications")
    INSTITUTIONS = "institutions", _("institutions")
    REGIONS = "regions", _("regions")
    CATEGORIES = "categories", _("categories")
    PERCENT = "percent", _("percent")
    TIMES = "times", _("times")
    RANK = "rank", _("rank")
    YUAN = "yuan", _("yuan")
    YEAR = "year", _("year")


class Verdict(models.TextChoices):
    """What the records say of a claim today (``docs/method.md``)."""

    CONFIRMED = "confirmed", _("Confirmed")
    AGREES = "agrees", _("Matches so far")
    UNDECIDED = "undecided", _("Inconclusive")
    CONTRADICTED = "contradicted", _("Contradicted")
    NOT_CHECKABLE = "not-checkable", _("Not checkable")


class Finding(models.TextChoices):
    """A verdict with what it rests on, as every mark of it says; no data hold it."""

    CONFIRMED = "confirmed", _("Confirmed by another source")
    SO_FAR = "so-far", _("Matches so far")
    FEW_RECORDS = "few-records", _("Matches so far, on few records")
    ARTICLE_ONLY = "article-only", _("Only the article says so")
    ADDS_UP = "adds-up", _("Adds up")
    INCONCLUSIVE = "inconclusive", _("Inconclusive")
    CONTRADICTS_ITSELF = "contradicts-itself", _("Contradicted by the article’s own figures")
    CONTRADICTED_BY_SOURCE = "contradicted-by-source", _("Contradicted by another source")
    CONTRADICTED_BY_RECORDS = "contradicted-by-records", _("Contradicted by our records")
    NOT_CHECKABLE = "not-checkable", _("Not checkable")


class Cause(models.TextChoices):
    """What changed a verdict, as far as it is known."""

    FIRST = "first", _("first judged")
    CHECKED = "checked", _("found by a check, cause unknown")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    MERGED = "merged", _("merged")
    IMPORTED = "imported", _("imported")
    UNDONE = "undone", _("undone")


class ChangeKind(models.TextChoices):
    """Kinds of changes of records."""

    BASELINE = "begun", _("Part of the original data set")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    SUBMITTED = "submitted", _("Submitted for review")
    RETURNED = "returned", _("Sent back to the draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged")
    IMPORTED = "imported", _("Imported")
    DELETED = "deleted", _("Deleted")
    UNDONE = "undone", _("Undone")
    ERASED = "erased", _("Personal data removed")


class AlertInterval(models.TextChoices):
    """How often a mail is sent at most."""

    DAY = "day", _("Once a day")
    WEEK = "week", _("Once a week")


class NewsKind(models.TextChoices):
    """What is new in the public records, by which changes are listed."""

    ADDED = "added", _("Added")
    CORRECTED = "corrected", _("Corrected or completed")
    DISPUTED = "disputed", _("Sources now disagree")
    VERDICT = "verdict", _("Verdict changed")


class ReportState(models.TextChoices):
    """What has become of a report by a reader; the last two settle it."""

    OPEN = "open", _("Not read yet")
    ACCEPTED = "accepted", _("Accepted, to be corrected")
    CORRECTED = "corrected", _("Corrected")
    DECLINED = "declined", _("Nothing changed")


class FileFormat(models.TextChoices):
    """Formats of the files of sources, found in their content."""

    PDF = "pdf", _("PDF document")
    HTML = "html", _("web page (HTML)")
    PNG = "png", _("PNG image")
    JPEG = "jpeg", _("JPEG image")
    GIF = "gif", _("GIF image")
    WEBP = "webp", _("WebP image")
    TEXT = "text", _("plain text")


class AddressStatus(models.TextChoices):
    """What the last check of the address of a source found."""

    ANSWERS = "answers", _("reachable")
    OTHER_CONTENT = "other-content", _("content has changed")
    MOVED = "moved", _("page has moved")
    GONE = "gone", _("page is gone")
    UNREACHABLE = "unreachable", _("not reachable")


class AddressProblem(models.TextChoices):
    """Why the address of a source could not be reached."""

    UNREADABLE = "unreadable", _("not a valid web address")
    UNKNOWN_HOST = "unknown-host", _("host name not found")
    PRIVATE = "private", _("leads into a private network")
    NO_CONNECTION = "no-connection", _("no connection")
    TIMEOUT = "timeout", _("no answer in time")
    CERTIFICATE = "certificate", _("secure connection failed")
    NO_HTTP = "no-http", _("response can’t be read")
    REDIRECTS = "redirects", _("too many redirects")
    ERROR = "error", _("server error")
