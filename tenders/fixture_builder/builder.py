"""Builder of the shipped fixtures from the CSV tables in ``fixtures/source/``; ``docs/data.md`` describes both."""

import json
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.db import models

from tenders import kinds
from tenders.choices import EditorialState, Fact
from tenders.models import Article, Award, Category, Citation, Claim, Company, Institution, Region, Source, Tender

ARTICLE = "interchain-pulse-2019"
RECORDS = {"institution": Institution, "company": Company, "tender": Tender}


def build(tables):
    """Return the fixtures of the data set as {name: JSON text}; in each, related objects come first."""
    fixtures = _Builder(tables).fixtures()
    return {name: json.dumps(objects, ensure_ascii=False, indent=1) + "\n" for name, objects in fixtures.items()}


def _object(model, **fields):
    """Return an object in the format of fixtures; empty fields are left out, as they are the defaults of the model."""
    non_empty = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    return {"model": f"tenders.{model}", "fields": non_empty}


class _Builder:
    """Builds fixtures from tables; its indexes map the keys of a table to the natural keys of the database."""

    def __init__(self, tables):
        self.tables = tables
        self.keys = {
            Region: self._index("regions", "code", "code"),
            Category: self._index("categories", "path", "slug"),
            Source: self._index("sources", "key", "key"),
            Institution: self._index("institutions", "key", "reference"),
            Company: self._index("companies", "key", "reference"),
            Tender: self._index("tenders", "key", "reference"),
            Article: self._index("articles", "slug", "slug"),
        }

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
        """Return {name: objects}."""
        in_article = {row.text("key") for row in self.tables["tenders"] if row.flag("in_article")}
        seen = set()
        # Later fixtures refer to objects of the article's fixture, never the reverse.
        fixtures = {
            "regions": self._regions(),
            "categories": self._categories(),
            "blockchain_2018_2019": self._dataset(in_article, seen),
            "interchain_pulse_2019": self._articles({ARTICLE}, set(seen)),
            "other_studies": self._articles(set(self.keys[Article]) - {ARTICLE}, set(seen)),
            "later_tenders": self._dataset(set(self.keys[Tender]) - in_article, seen),
        }
        self._reject_unused_rows(seen)
        return fixtures

    def _reject_unused_rows(self, seen):
        """Raise ``DatasetError`` for a row that no fixture includes, instead of ignoring it."""
        for table, kind in (("institutions", "institution"), ("companies", "company")):
            for row in self.tables[table]:
                if (kind, row.text("key")) not in seen:
                    raise row.error("key", f"a {kind} that takes part in some tender")
        for row in self.tables["awards"]:
            row.key_of("tender_key", self.keys[Tender])
        for row in self.tables["citations"]:
            if (row.text("target_kind"), row.text("target_key")) not in seen:
                raise row.error("target_key", "the key of a tender, institution or company, as target_kind says")
        for row in self.tables["claims"]:
            if row.text("article") not in self.keys[Article]:
                raise row.error("article", "the slug of an article")

    def _regions(self):
        names = ("code", "name_en", "name_zh", "kind")
        return [_object("region", **self._fields(row, Region, *names)) for row in self.tables["regions"]]

    def _categories(self):
        names = ("slug", "name_en", "name_zh", "name_zh_status", "parent", "position", "description")
        rows = sorted(self.tables["categories"], key=lambda row: (row.text("path").count("/"), row.text("path")))
        return [_object("category", **self._fields(row, Category, *names)) for row in rows]

    def _dataset(self, tenders, seen):
        """Return the objects of some tenders and those related that are not in ``seen``, and add these to it."""
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
        institutions = [row for row in self.tables["institutions"] if ("institution", row.text("key")) in targets]
        companies = [row for row in self.tables["companies"] if ("company", row.text("key")) in targets]
        citations = [
            row for row in self.tables["citations"] if (row.text("target_kind"), row.text("target_key")) in targets
        ]
        return [
            *self._sources({row.text("source_key") for row in citations}, seen),
            *map(self._institution, institutions),
            *map(self._company, companies),
            *map(self._tender, rows),
            *(found for row in awards for found in self._award(row)),
            *map(self._citation, citations),
        ]

    def _articles(self, slugs, seen):
        """Return the objects of some articles with their claims, and sources that are not in ``seen``."""
        articles = [row for row in self.tables["articles"] if row.text("slug") in slugs]
        claims = [row for row in self.tables["claims"] if row.text("article") in slugs]
        needed = {source for row in (*articles, *claims) for source in row.keys_of("sources", self.keys[Source])}
        added = {slug: {} for slug in slugs}
        return [
            *self._sources(needed, seen),
            *map(self._article, articles),
            *(self._claim(row, added[row.text("article")]) for row in claims),
        ]

    def _sources(self, needed, seen):
        """Yield the needed sources that are not in ``seen``, originals before their versions, and add these to it."""
        rows = {row.text("key"): row for row in self.tables["sources"]}
        needed |= {original for key in needed if (original := rows[key].key_of("version_of", self.keys[Source]))}
        for row in sorted(rows.values(), key=lambda row: (bool(row.text("version_of")), row.text("key"))):
            if row.text("key") in needed and ("source", row.text("key")) not in seen:
                seen.add(("source", row.text("key")))
                yield _object(
                    "source",
                    slug=row.text("key"),
                    **self._fields(row, Source, "kind", "language", "title", "title_zh", "publisher", "publisher_zh"),
                    **self._fields(row, Source, "url", published_date="published", version_of="version_of"),
                    **self._fields(row, Source, "notes", "notes_zh"),
                )

    def _party(self, row, model):
        return {
            "reference": row.text("reference"),
            "state": EditorialState.PUBLISHED,
            **self._fields(row, model, "name_en", "name_en_status", "name_zh", "name_zh_status"),
            "aliases_en": row.lines("aliases_en"),
            "aliases_zh": row.lines("aliases_zh"),
            **self._fields(row, model, "city_zh", "notes", "notes_zh", region="region", city="city_en"),
        }

    def _institution(self, row):
        return _object(
            "institution", **self._party(row, Institution), **self._fields(row, Institution, "kind", "level")
        )

    def _company(self, row):
        return _object(
            "company",
            **self._party(row, Company),
            **self._fields(row, Company, "kind", "size", founded_year="founded", group_name="group_en"),
            **self._fields(row, Company, "group_region", group_name_zh="group_zh", institution="institution_key"),
        )

    def _tender(self, row):
        return _object(
            "tender",
            reference=row.text("reference"),
            state=EditorialState.PUBLISHED,
            **self._fields(row, Tender, "title_en", "title_en_status", "title_zh", "title_zh_status"),
            **self._fields(row, Tender, is_title_descriptive="title_is_descriptive", buyer="institution_key"),
            **self._fields(row, Tender, "region", "city_zh", "category", city="city_en"),
            **self._fields(row, Tender, "category_basis", "suggested_categories", "year", "notice_date", "status"),
            **self._fields(row, Tender, budget_amount="budget_cny", is_main_subject="is_main_subject"),
            **self._fields(row, Tender, "certainty", "possibly_same_as", "notes", "notes_zh"),
        )

    def _award(self, row):
        """Return the award of a row, and the links to its suppliers."""
        tender, number = row.key_of("tender_key", self.keys[Tender]), row.integer("number")
        companies = row.keys_of("company_keys", self.keys[Company])
        if row.flag("is_joint") != (len(companies) > 1):
            raise row.error("is_joint", "yes with several companies, else no")
        award = _object(
            "award",
            tender=[tender],
            number=number,
            **self._fields(row, Award, amount="amount_cny", amount_qualifier="amount_qualifier"),
            **self._fields(row, Award, "award_date", "contract_date", "status", "notes", "notes_zh"),
        )
        return [award, *(_object("awardsupplier", award=[tender, number], company=[company]) for company in companies)]

    def _citation(self, row):
        kind, number = row.text("target_kind"), row.integer("award_number")
        target = row.key_of("target_key", self.keys[RECORDS[kind]])
        return _object(
            "citation",
            **{kind: [target]},
            award=[target, number] if number else None,
            **self._fields(row, Citation, fact="fact", source="source_key", place="place", place_zh="place_zh"),
            **self._fields(row, Citation, "stated"),
            value=self._statement(row),
            **self._fields(row, Citation, "is_chosen", "reason", "reason_zh"),
        )

    def _article(self, row):
        return _object(
            "article",
            slug=row.text("slug"),
            state=EditorialState.PUBLISHED,
            **self._fields(row, Article, "title_en", "title_zh", "publisher", "publisher_zh"),
            **self._fields(row, Article, "sources", "from_date", "to_date", published_date="published"),
            **self._fields(row, Article, "scope_en", "scope_zh", "text_en", "text_zh"),
        )

    def _claim(self, row, added):
        """Return a claim; ``added`` maps the codes of earlier claims of its article to their natural keys."""
        code = row.text("code")
        if not code or code in added:
            raise row.error("code", "a code that no other claim of the article has")
        reading_of = row.key_of("reading_of", added)
        added[code] = [row.text("article"), code]
        return _object(
            "claim",
            article=[row.text("article")],
            code=code,
            **self._fields(row, Claim, "section", "place", "place_zh", "sources", "statement_en", "statement_zh"),
            **self._fields(row, Claim, "note", "note_zh"),
            **self._fields(row, Claim, "printed_as", "printed_low", "printed_high", "unit", "measure"),
            query=self._query(row, "query", row.text("query")),
            base_query=self._query(row, "base_query", row.text("base_query")),
            arguments=self._arguments(row),
            **self._about(row),
            reading_of=reading_of,
            **self._fields(row, Claim, "is_set_size", "is_margin"),
            **self._fields(row, Claim, "not_checkable_reason", "not_checkable_reason_zh"),
        )

    def _query(self, row, column, query):
        """Return a query string of the tender list, with keys of institutions replaced by references."""
        try:
            parsed = parse_qsl(query, strict_parsing=True) if query else []
            pairs = [
                (name, self.keys[Institution][value] if name == "institution" else value) for name, value in parsed
            ]
        except (KeyError, ValueError):
            raise row.error(column, "a query string with the keys of institutions") from None
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
        about = {kind: [self.keys[model][key]] for kind, model in RECORDS.items() if key in self.keys[model]}
        if key and not about:
            raise row.error("about_key", "the key of a tender, institution or company")
        return about

    def _statement(self, row):
        """Return the canonical value of a citation, with keys replaced by references, codes and slugs."""
        fact = row.code("fact", Fact.values)
        target = Award if row.text("award_number") else RECORDS[row.text("target_kind")]
        if fact not in target.FACTS:
            raise row.error("fact", "a fact of its target: " + ", ".join(target.FACTS))
        kind, value = target.FACTS[fact].kind, row.text("value")
        if isinstance(kind, kinds.RelatedRecord):
            keys = self.keys[kind.model]
            value = "|".join(row.keys_of("value", keys)) if kind.is_list else row.key_of("value", keys) or ""
        elif isinstance(kind, kinds.Code):
            value = value.replace(" ", "-")
        try:
            kind.validate(value)
        except ValidationError as error:
            raise row.error("value", " ".join(error.messages)) from None
        return value

    def _fields(self, row, model, *names, **columns):
        """Return {field: value} of fields of a model, from the columns of the same names or from other ``columns``."""
        columns = {name: name for name in names} | columns
        return {name: self._value(row, column, model._meta.get_field(name)) for name, column in columns.items()}

    def _value(self, row, column, field):
        """Return the value of a cell for a model field, in the format of fixtures; None where the default is right."""
        if field.many_to_many:
            return [[key] for key in row.keys_of(column, self.keys[field.related_model])]
        if field.is_relation:
            key = row.key_of(column, self.keys[field.related_model])
            return [key] if key else None
        if field.choices:
            return row.code(column, [code for code, _label in field.choices])
        if isinstance(field, models.BooleanField):
            return row.flag(column) if field.null else row.flag(column) or None
        return row.integer(column) if isinstance(field, models.IntegerField) else row.text(column)
