"""
The shipped data set: from the CSV tables that its editors keep to the fixtures that anyone loads.

``fixtures/source/*.csv`` speak the words of the research ("small or micro", an institution's key); the fixtures speak
the database's (``small-or-micro``, its reference). Beside the tables stand our texts of articles, one file a language.
``docs/data.md`` describes all of it.
"""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from tenders import choices
from tenders.choices import EditorialState, Fact
from tenders.models import facts

ARTICLE = "interchain-pulse-2019"
ARTICLE_FIXTURE = "blockchain_2018_2019"
CLAIMS_FIXTURE = "interchain_pulse_2019"
LATER_FIXTURE = "later_tenders"
STUDIES_FIXTURE = "other_studies"
TABLES = (
    "regions",
    "categories",
    "sources",
    "institutions",
    "companies",
    "tenders",
    "awards",
    "citations",
    "articles",
    "claims",
)
LANGUAGES = ("en", "zh")


class DatasetError(ValueError):
    """A cell that cannot be understood; the message names table, row, column, value and what would be right."""


@dataclass(frozen=True)
class Row:
    """A row of a table, whose cells are read by what they must be."""

    table: str
    number: int
    cells: dict

    def text(self, column):
        if column not in self.cells:
            raise DatasetError(f"{self.table}.csv has no column '{column}'.")
        return self.cells[column]

    def error(self, column, expected):
        return DatasetError(
            f"{self.table}.csv, row {self.number}, column '{column}': "
            f"'{self.text(column)}' is wrong; expected {expected}."
        )

    def code(self, column, codelist):
        """Read words such as "small or micro" as the code ``small-or-micro``."""
        code = self.text(column).replace(" ", "-")
        if code and code not in codelist.values:
            raise self.error(column, "one of " + ", ".join(value.replace("-", " ") for value in codelist.values))
        return code

    def flag(self, column):
        """Read yes, no or nothing as True, False or None."""
        try:
            return {"yes": True, "no": False, "": None}[self.text(column)]
        except KeyError:
            raise self.error(column, "yes, no or nothing") from None

    def integer(self, column):
        if not self.text(column):
            return None
        if not self.text(column).isdecimal():
            raise self.error(column, "a whole number")
        return int(self.text(column))

    def values(self, column):
        """Read several values that are separated by ``|``."""
        return [value for value in self.text(column).split("|") if value]

    def lines(self, column):
        return "\n".join(self.values(column))

    def key_of(self, column, keys):
        """Read a key of another table as what that table calls it in the database; None for nothing."""
        return self._look_up(column, self.text(column), keys) if self.text(column) else None

    def keys_of(self, column, keys):
        return sorted(self._look_up(column, value, keys) for value in self.values(column))

    def _look_up(self, column, value, keys):
        if value not in keys:
            raise self.error(column, "a key of the table it names")
        return keys[value]


@dataclass
class Fixture:
    """A fixture in the making: its objects, in an order in which each stands behind what it needs."""

    name: str
    objects: list = field(default_factory=list)

    def add(self, model, **fields):
        """Add an object; empty fields are left out, as the model's defaults say the same."""
        known = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        self.objects.append({"model": f"tenders.{model}", "fields": known})

    def as_json(self):
        return json.dumps(self.objects, ensure_ascii=False, indent=1) + "\n"


def read_tables(folder):
    """Return the rows of each table of a folder, sorted by key; raises ``DatasetError`` or ``OSError``."""
    tables = {}
    for name in TABLES:
        with (Path(folder) / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [Row(name, number, cells) for number, cells in enumerate(csv.DictReader(file), start=2)]
        for row in rows:
            if None in row.cells or None in row.cells.values():
                raise DatasetError(f"{name}.csv, row {row.number}: it has another number of cells than the header.")
        tables[name] = rows
    _read_texts(Path(folder) / "articles", tables["articles"])
    return tables


def _read_texts(folder, articles):
    """Give each article its texts, as cells like those of its table: ``<slug>.en.md`` is ``text_en``."""
    texts = {path.name: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.md"))}
    for row in articles:
        for language in LANGUAGES:
            row.cells[f"text_{language}"] = texts.pop(f"{row.text('slug')}.{language}.md", "")
    if texts:
        raise DatasetError(f"articles/{min(texts)} is the text of no article; expected a name such as <slug>.en.md.")


def build(tables):
    """Return the fixtures of the data set as a dict of name to JSON text."""
    return {fixture.name: fixture.as_json() for fixture in _Builder(tables).fixtures()}


class _Builder:
    """Turns tables into fixtures; what the keys of one table are in the database, the others look up here."""

    def __init__(self, tables):
        self.tables = tables
        self.regions = self._index("regions", "code", "code")
        self.categories = self._index("categories", "path", "slug")
        self.sources = self._index("sources", "key", "key")
        self.institutions = self._index("institutions", "key", "reference")
        self.companies = self._index("companies", "key", "reference")
        self.tenders = self._index("tenders", "key", "reference")
        self.articles = self._index("articles", "slug", "slug")
        self.records = {"institution": self.institutions, "company": self.companies, "tender": self.tenders}

    def _index(self, table, key, value):
        index = {}
        for row in self.tables[table]:
            if not row.text(key) or row.text(key) in index:
                raise row.error(key, "a key that no other row has")
            if not row.text(value) or row.text(value) in index.values():
                raise row.error(value, "a value that no other row has")
            index[row.text(key)] = row.text(value)
        return index

    def fixtures(self):
        article = {row.text("key") for row in self.tables["tenders"] if row.flag("in_article")}
        later = set(self.tenders) - article
        studies = set(self.articles) - {ARTICLE}
        seen = set()
        # Whatever stands behind the article's tenders needs them, and nothing else.
        fixtures = [
            self._regions(),
            self._categories(),
            self._dataset(ARTICLE_FIXTURE, article, seen),
            self._articles(CLAIMS_FIXTURE, {ARTICLE}, set(seen)),
            self._articles(STUDIES_FIXTURE, studies, set(seen)),
            self._dataset(LATER_FIXTURE, later, seen),
        ]
        self._refuse_leftovers(seen)
        return fixtures

    def _refuse_leftovers(self, seen):
        """Raise ``DatasetError`` for a row that belongs to nothing and would be left out without a word."""
        for table, kind in (("institutions", "institution"), ("companies", "company")):
            for row in self.tables[table]:
                if (kind, row.text("key")) not in seen:
                    raise row.error("key", f"a {kind} that takes part in some tender")
        for row in self.tables["awards"]:
            row.key_of("tender_key", self.tenders)
        for row in self.tables["citations"]:
            if (row.text("target_kind"), row.text("target_key")) not in seen:
                raise row.error("target_key", "the key of a tender, institution or company, as target_kind says")
        for row in self.tables["claims"]:
            if row.text("article") not in self.articles:
                raise row.error("article", "the slug of an article")

    def _regions(self):
        fixture = Fixture("regions")
        for row in self.tables["regions"]:
            fixture.add(
                "region",
                code=row.text("code"),
                name_en=row.text("name_en"),
                name_zh=row.text("name_zh"),
                kind=row.code("kind", choices.RegionKind),
            )
        return fixture

    def _categories(self):
        fixture = Fixture("categories")
        for row in sorted(self.tables["categories"], key=lambda row: (row.text("path").count("/"), row.text("path"))):
            fixture.add(
                "category",
                slug=row.text("slug"),
                name_en=row.text("name_en"),
                name_zh=row.text("name_zh"),
                name_zh_status=row.code("name_zh_status", choices.NameStatus),
                parent=_reference(row.key_of("parent", self.categories)),
                position=row.integer("position"),
                description=row.text("description"),
            )
        return fixture

    def _dataset(self, name, tenders, seen):
        """Build the fixture of some tenders with all they need that no earlier fixture (``seen``) has."""
        fixture = Fixture(name)
        rows = [row for row in self.tables["tenders"] if row.text("key") in tenders]
        awards = [row for row in self.tables["awards"] if row.text("tender_key") in tenders]
        parties = {("institution", row.text("institution_key")) for row in rows}
        parties |= {("company", key) for row in awards for key in row.values("company_keys")}
        parties |= {
            ("institution", row.text("institution_key"))
            for row in self.tables["companies"]
            if ("company", row.text("key")) in parties
        }
        targets = (parties | {("tender", key) for key in tenders}) - seen
        seen |= targets
        citations = [
            row for row in self.tables["citations"] if (row.text("target_kind"), row.text("target_key")) in targets
        ]

        self._add_sources(fixture, {row.text("source_key") for row in citations}, seen)
        for row in self.tables["institutions"]:
            if ("institution", row.text("key")) in targets:
                self._add_institution(fixture, row)
        for row in self.tables["companies"]:
            if ("company", row.text("key")) in targets:
                self._add_company(fixture, row)
        for row in rows:
            self._add_tender(fixture, row)
        for row in awards:
            self._add_award(fixture, row)
        for row in citations:
            self._add_citation(fixture, row)
        return fixture

    def _articles(self, name, slugs, seen):
        """Build the fixture of some articles and their claims with the sources that no earlier one (``seen``) has."""
        fixture = Fixture(name)
        articles = [row for row in self.tables["articles"] if row.text("slug") in slugs]
        claims = [row for row in self.tables["claims"] if row.text("article") in slugs]
        needed = {source for row in (*articles, *claims) for source in row.keys_of("sources", self.sources)}

        self._add_sources(fixture, needed, seen)
        for row in articles:
            self._add_article(fixture, row)
        above = {slug: {} for slug in slugs}
        for row in claims:
            self._add_claim(fixture, row, above[row.text("article")])
        return fixture

    def _add_sources(self, fixture, needed, seen):
        rows = {row.text("key"): row for row in self.tables["sources"]}
        needed |= {original for key in needed if (original := rows[key].key_of("version_of", self.sources))}
        # An original stands before its versions.
        for row in sorted(rows.values(), key=lambda row: (bool(row.text("version_of")), row.text("key"))):
            if row.text("key") in needed and ("source", row.text("key")) not in seen:
                seen.add(("source", row.text("key")))
                fixture.add(
                    "source",
                    slug=row.text("key"),
                    kind=row.code("kind", choices.SourceKind),
                    title=row.text("title"),
                    publisher=row.text("publisher"),
                    url=row.text("url"),
                    published_date=row.text("published"),
                    version_of=_reference(row.key_of("version_of", self.sources)),
                    notes=row.text("notes"),
                )

    def _party(self, row):
        return {
            "reference": row.text("reference"),
            "state": EditorialState.PUBLISHED,
            "name_en": row.text("name_en"),
            "name_en_status": row.code("name_en_status", choices.NameStatus),
            "name_zh": row.text("name_zh"),
            "name_zh_status": row.code("name_zh_status", choices.NameStatus),
            "aliases_en": row.lines("aliases_en"),
            "aliases_zh": row.lines("aliases_zh"),
            "region": _reference(row.key_of("region", self.regions)),
            "city": row.text("city_en"),
            "notes": row.text("notes"),
        }

    def _add_institution(self, fixture, row):
        fixture.add(
            "institution",
            **self._party(row),
            kind=row.code("kind", choices.InstitutionKind),
            level=row.code("level", choices.Level),
        )

    def _add_company(self, fixture, row):
        fixture.add(
            "company",
            **self._party(row),
            kind=row.code("kind", choices.CompanyKind),
            size=row.code("size", choices.CompanySize),
            founded_year=row.integer("founded"),
            group_name=row.text("group_en"),
            group_region=_reference(row.key_of("group_region", self.regions)),
            institution=_reference(row.key_of("institution_key", self.institutions)),
        )

    def _add_tender(self, fixture, row):
        fixture.add(
            "tender",
            reference=row.text("reference"),
            state=EditorialState.PUBLISHED,
            title_en=row.text("title_en"),
            title_en_status=row.code("title_en_status", choices.NameStatus),
            title_zh=row.text("title_zh"),
            title_zh_status=row.code("title_zh_status", choices.NameStatus),
            is_title_descriptive=row.flag("title_is_descriptive") or None,
            buyer=_reference(row.key_of("institution_key", self.institutions)),
            region=_reference(row.key_of("region", self.regions)),
            city=row.text("city_en"),
            category=_reference(row.key_of("category", self.categories)),
            category_basis=row.code("category_basis", choices.CategoryBasis),
            suggested_categories=[[slug] for slug in row.keys_of("suggested_categories", self.categories)],
            year=row.integer("year"),
            notice_date=row.text("notice_date"),
            status=row.code("status", choices.TenderStatus),
            budget_amount=row.text("budget_cny"),
            is_main_subject=row.flag("is_main_subject"),
            certainty=row.code("certainty", choices.Certainty),
            possibly_same_as=[[reference] for reference in row.keys_of("possibly_same_as", self.tenders)],
            notes=row.text("notes"),
        )

    def _add_award(self, fixture, row):
        tender, number = row.key_of("tender_key", self.tenders), row.integer("number")
        companies = row.keys_of("company_keys", self.companies)
        if row.flag("is_joint") != (len(companies) > 1):
            raise row.error("is_joint", "yes with several companies, else no")
        fixture.add(
            "award",
            tender=[tender],
            number=number,
            amount=row.text("amount_cny"),
            amount_qualifier=row.code("amount_qualifier", choices.AmountQualifier),
            award_date=row.text("award_date"),
            contract_date=row.text("contract_date"),
            status=row.code("status", choices.AwardStatus),
            notes=row.text("notes"),
        )
        for company in companies:
            fixture.add("awardsupplier", award=[tender, number], company=[company])

    def _add_citation(self, fixture, row):
        kind, number = row.text("target_kind"), row.integer("award_number")
        target = row.key_of("target_key", self.records[kind])
        fixture.add(
            "citation",
            **{kind: [target]},
            award=[target, number] if number else None,
            fact=row.code("fact", Fact),
            source=_reference(row.key_of("source_key", self.sources)),
            place=row.text("place"),
            stated=row.text("stated"),
            value=self._statement(row),
            is_chosen=row.flag("is_chosen") or None,
            reason=row.text("reason"),
        )

    def _add_article(self, fixture, row):
        fixture.add(
            "article",
            slug=row.text("slug"),
            state=EditorialState.PUBLISHED,
            title_en=row.text("title_en"),
            title_zh=row.text("title_zh"),
            publisher=row.text("publisher"),
            published_date=row.text("published"),
            sources=[[slug] for slug in row.keys_of("sources", self.sources)],
            from_date=row.text("from_date"),
            to_date=row.text("to_date"),
            scope_en=row.text("scope_en"),
            scope_zh=row.text("scope_zh"),
            text_en=row.text("text_en"),
            text_zh=row.text("text_zh"),
        )

    def _add_claim(self, fixture, row, above):
        """Add a claim; ``above`` are those of its article that stand before it, by code."""
        code = row.text("code")
        if not code or code in above:
            raise row.error("code", "a code that no other claim of the article has")
        fixture.add(
            "claim",
            article=[row.text("article")],
            code=code,
            section=row.text("section"),
            place=row.text("place"),
            sources=[[slug] for slug in row.keys_of("sources", self.sources)],
            statement_en=row.text("statement_en"),
            statement_zh=row.text("statement_zh"),
            note=row.text("note"),
            printed_as=row.code("printed_as", choices.Printed),
            printed_low=row.text("printed_low"),
            printed_high=row.text("printed_high"),
            unit=row.code("unit", choices.Unit),
            measure=row.code("measure", choices.Measure),
            query=self._query(row, "query", row.text("query")),
            base_query=self._query(row, "base_query", row.text("base_query")),
            arguments=self._arguments(row),
            **self._about(row),
            reading_of=row.key_of("reading_of", above),
            is_set_size=row.flag("is_set_size") or None,
            is_margin=row.flag("is_margin") or None,
            not_checkable_reason=row.text("not_checkable_reason"),
        )
        above[code] = [row.text("article"), code]

    def _query(self, row, column, query):
        """Return a query string as the tender list writes it, in which institutions stand by their references."""
        try:
            given = parse_qsl(query, strict_parsing=True) if query else []
            pairs = [(name, self.institutions[value] if name == "institution" else value) for name, value in given]
        except (KeyError, ValueError):
            raise row.error(column, "a query string in which institutions stand by their keys") from None
        return urlencode(sorted(pairs))

    def _arguments(self, row):
        try:
            arguments = dict(json.loads(row.text("arguments") or "{}"))
        except (TypeError, ValueError):
            raise row.error("arguments", "a JSON object or nothing") from None
        for name in arguments.keys() & {"to_query", "to_base_query"}:
            arguments[name] = self._query(row, "arguments", arguments[name])
        return arguments

    def _about(self, row):
        """Return the record that a claim is about, by the kind of record that has the key."""
        key = row.text("about_key")
        about = {kind: [keys[key]] for kind, keys in self.records.items() if key in keys}
        if key and not about:
            raise row.error("about_key", "the key of a tender, institution or company")
        return about

    def _statement(self, row):
        """Return the canonical value of a citation, in which keys have become references, codes and slugs."""
        fact = row.code("fact", Fact)
        if fact == Fact.INSTITUTION:
            return row.key_of("value", self.institutions)
        if fact == Fact.SUPPLIER:
            return "|".join(row.keys_of("value", self.companies))
        if fact == Fact.CATEGORY:
            return row.key_of("value", self.categories)
        if fact in facts.CODELISTS:
            return row.text("value").replace(" ", "-")
        return row.text("value")


def _reference(natural_key):
    """Return a natural key of one part as fixtures write it."""
    return [natural_key] if natural_key else None
