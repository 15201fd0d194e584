"""Builder of fixtures from tables."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError

from tenders import choices, kinds
from tenders.choices import EditorialState, Fact
from tenders.models import Award, Company, Institution, Tender

ARTICLE = "interchain-pulse-2019"
ARTICLE_FIXTURE = "blockchain_2018_2019"
CLAIMS_FIXTURE = "interchain_pulse_2019"
LATER_FIXTURE = "later_tenders"
STUDIES_FIXTURE = "other_studies"


@dataclass
class Fixture:
    """A fixture: serialised objects, ordered so that related objects come first."""

    name: str
    objects: list = field(default_factory=list)

    def add(self, model, **fields):
        """Add an object; empty fields are left out, as they are the defaults of the model."""
        non_empty = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        self.objects.append({"model": f"tenders.{model}", "fields": non_empty})

    def as_json(self):
        return json.dumps(self.objects, ensure_ascii=False, indent=1) + "\n"


def build(tables):
    """Return the fixtures of the data set as {name: JSON text}."""
    return {fixture.name: fixture.as_json() for fixture in _Builder(tables).fixtures()}


class _Builder:
    """Builds fixtures from tables; its indexes map the keys of a table to the natural keys of the database."""

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
        # Later fixtures refer to objects of the article's fixture, never the reverse.
        fixtures = [
            self._regions(),
            self._categories(),
            self._dataset(ARTICLE_FIXTURE, article, seen),
            self._articles(CLAIMS_FIXTURE, {ARTICLE}, set(seen)),
            self._articles(STUDIES_FIXTURE, studies, set(seen)),
            self._dataset(LATER_FIXTURE, later, seen),
        ]
        self._reject_unused_rows(seen)
        return fixtures

    def _reject_unused_rows(self, seen):
        """Raise ``DatasetError`` for a row that no fixture includes, instead of ignoring it."""
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
        """Build the fixture of some tenders with the related objects that are not in ``seen``, and add these to it."""
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
        """Build the fixture of some articles with their claims, and sources that are not in ``seen``."""
        fixture = Fixture(name)
        articles = [row for row in self.tables["articles"] if row.text("slug") in slugs]
        claims = [row for row in self.tables["claims"] if row.text("article") in slugs]
        needed = {source for row in (*articles, *claims) for source in row.keys_of("sources", self.sources)}

        self._add_sources(fixture, needed, seen)
        for row in articles:
            self._add_article(fixture, row)
        added = {slug: {} for slug in slugs}
        for row in claims:
            self._add_claim(fixture, row, added[row.text("article")])
        return fixture

    def _add_sources(self, fixture, needed, seen):
        rows = {row.text("key"): row for row in self.tables["sources"]}
        needed |= {original for key in needed if (original := rows[key].key_of("version_of", self.sources))}
        # Originals before their versions.
        for row in sorted(rows.values(), key=lambda row: (bool(row.text("version_of")), row.text("key"))):
            if row.text("key") in needed and ("source", row.text("key")) not in seen:
                seen.add(("source", row.text("key")))
                fixture.add(
                    "source",
                    slug=row.text("key"),
                    kind=row.code("kind", choices.SourceKind),
                    language=row.code("language", choices.SourceLanguage),
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

    def _add_claim(self, fixture, row, added):
        """Add a claim; ``added`` maps the codes of earlier claims of its article to their natural keys."""
        code = row.text("code")
        if not code or code in added:
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
            reading_of=row.key_of("reading_of", added),
            is_set_size=row.flag("is_set_size") or None,
            is_margin=row.flag("is_margin") or None,
            not_checkable_reason=row.text("not_checkable_reason"),
        )
        added[code] = [row.text("article"), code]

    def _query(self, row, column, query):
        """Return a query string of the tender list, with keys of institutions replaced by references."""
        try:
            parsed = parse_qsl(query, strict_parsing=True) if query else []
            pairs = [(name, self.institutions[value] if name == "institution" else value) for name, value in parsed]
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
        """Return {field: natural key} of the record that a claim is about."""
        key = row.text("about_key")
        about = {kind: [keys[key]] for kind, keys in self.records.items() if key in keys}
        if key and not about:
            raise row.error("about_key", "the key of a tender, institution or company")
        return about

    def _statement(self, row):
        """Return the canonical value of a citation, with keys replaced by references, codes and slugs."""
        fact = row.code("fact", Fact)
        targets = {"institution": Institution, "company": Company, "tender": Tender}
        target = Award if row.text("award_number") else targets[row.text("target_kind")]
        if fact not in target.FACTS:
            raise row.error("fact", "a fact of its target: " + ", ".join(target.FACTS))
        kind, value = target.FACTS[fact].kind, row.text("value")
        keys = {"Institution": self.institutions, "Company": self.companies, "Category": self.categories}
        if isinstance(kind, kinds.RelatedRecord) and kind.model_name in keys:
            keys = keys[kind.model_name]
            value = "|".join(row.keys_of("value", keys)) if kind.is_list else row.key_of("value", keys)
        elif isinstance(kind, kinds.Code):
            value = value.replace(" ", "-")
        try:
            kind.validate(value)
        except ValidationError as error:
            raise row.error("value", " ".join(error.messages)) from None
        return value


def _reference(natural_key):
    """Return a natural key of one part in the format of fixtures; None for an empty one."""
    return [natural_key] if natural_key else None
