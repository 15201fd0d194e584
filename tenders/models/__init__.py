"""Models: tenders, parties, awards, sources and citations, articles and claims, and their history."""

from tenders.models.alerts import Alert
from tenders.models.articles import Article, Inclusion
from tenders.models.awards import Award, AwardSupplier
from tenders.models.categories import Category
from tenders.models.changes import Change
from tenders.models.claims import Claim, VerdictChange
from tenders.models.computed import DatasetVersion, TenderFigures
from tenders.models.evidence import AddressCheck, SourceFile
from tenders.models.intakes import NoticeIntake
from tenders.models.pages import Page
from tenders.models.parties import Company, Institution
from tenders.models.places import Region
from tenders.models.record_identity import DistinctPair, PossibleDuplicate, RedirectedReference
from tenders.models.reports import Report, ReportSender
from tenders.models.sources import Citation, Source
from tenders.models.tenders import Tender
from tenders.models.uploads import Upload
