"""The figures of tenders (``TenderFigures``) as SQL: what they are, and after which writes they are computed again."""

import re

from tenders.models.sources import TYPED_FACTS

FROM_SUPPLIERS = """
    FROM tenders_award a
    JOIN tenders_awardsupplier s ON s.award_id = a.id
    JOIN tenders_company c ON c.id = s.company_id
    LEFT JOIN tenders_region r ON r.id = c.region_id
    WHERE a.tender_id = t.id
"""
# Figures are SQL expressions by column. A sum that is too large for an amount column is a data error, and NULL.
AWARD_FIGURES = {
    "award_amount": """(
        SELECT CASE WHEN COUNT(*) = COUNT(a.amount) AND SUM(a.amount) < 10000000000000 THEN ROUND(SUM(a.amount), 2) END
        FROM tenders_award a WHERE a.tender_id = t.id
    )""",
    "is_same_region": f"""CASE
        WHEN EXISTS (SELECT 1 {FROM_SUPPLIERS} AND c.region_id = t.region_id) THEN TRUE
        WHEN t.region_id IS NULL OR NOT EXISTS (SELECT 1 {FROM_SUPPLIERS}) THEN NULL
        WHEN EXISTS (SELECT 1 {FROM_SUPPLIERS} AND c.region_id IS NULL) THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM tenders_award a
            WHERE a.tender_id = t.id AND NOT EXISTS (SELECT 1 FROM tenders_awardsupplier s WHERE s.award_id = a.id)
        ) THEN NULL
        ELSE FALSE
    END""",
    "companies": f"(SELECT LIST(c.reference) {FROM_SUPPLIERS})",
    "company_sizes": f"(SELECT LIST(c.size) {FROM_SUPPLIERS} AND c.size <> '')",
    "company_regions": f"(SELECT LIST(r.code) {FROM_SUPPLIERS} AND r.code IS NOT NULL)",
}
CITATION_FIGURES = {
    "is_disputed": f"""EXISTS (
        SELECT 1 FROM tenders_citation q
        WHERE q.tender_id = t.id AND q.fact IN ({", ".join(f"'{fact.value}'" for fact in TYPED_FACTS)})
        GROUP BY q.award_id, q.fact HAVING COUNT(DISTINCT q.value) > 1
    )""",
    "source_kinds": """(
        SELECT LIST(o.kind) FROM tenders_citation q JOIN tenders_source o ON o.id = q.source_id WHERE q.tender_id = t.id
    )""",
}
ARTICLE_FIGURES = {
    "articles": """(
        SELECT LIST(b.slug) FROM tenders_article b
        WHERE EXISTS (SELECT 1 FROM tenders_inclusion i WHERE i.article_id = b.id AND i.tender_id = t.id)
        OR EXISTS (
            SELECT 1 FROM tenders_article_sources w JOIN tenders_citation q ON q.source_id = w.source_id
            WHERE w.article_id = b.id AND q.tender_id = t.id AND q.fact = 'existence'
        )
    )""",
}
ALL_FIGURES = AWARD_FIGURES | CITATION_FIGURES | ARTICLE_FIGURES
# LIST(x) in the SQL above is replaced by the aggregation of distinct values that the database has.
LIST_SQL = {
    "sqlite": r"COALESCE(',' || GROUP_CONCAT(DISTINCT \1) || ',', '')",
    "postgresql": r"COALESCE(',' || STRING_AGG(DISTINCT \1, ',') || ',', '')",
}

# (table, events, figures to recompute, condition on the tenders ``t``). ROWS(x) is replaced by the values of a column
# in the written row, old and new.
WRITES = ["INSERT", "UPDATE", "DELETE"]
FIGURE_WRITES = [
    ("tenders_tender", ["INSERT"], ALL_FIGURES, "t.id IN (ROWS(id))"),
    ("tenders_tender", ["UPDATE OF region_id"], AWARD_FIGURES, "t.id IN (ROWS(id))"),
    ("tenders_award", WRITES, AWARD_FIGURES, "t.id IN (ROWS(tender_id))"),
    (
        "tenders_awardsupplier",
        WRITES,
        AWARD_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_award WHERE id IN (ROWS(award_id)))",
    ),
    (
        "tenders_company",
        ["INSERT", "UPDATE OF reference, size, region_id"],
        AWARD_FIGURES,
        "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
        " WHERE s.company_id IN (ROWS(id)))",
    ),
    (
        "tenders_region",
        ["INSERT", "UPDATE OF code"],
        AWARD_FIGURES,
        "t.id IN (SELECT a.tender_id FROM tenders_award a JOIN tenders_awardsupplier s ON s.award_id = a.id"
        " JOIN tenders_company c ON c.id = s.company_id WHERE c.region_id IN (ROWS(id)))",
    ),
    ("tenders_citation", WRITES, CITATION_FIGURES | ARTICLE_FIGURES, "t.id IN (ROWS(tender_id))"),
    (
        "tenders_source",
        ["INSERT", "UPDATE OF kind"],
        CITATION_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN (ROWS(id)))",
    ),
    (
        "tenders_article",
        ["INSERT", "UPDATE OF slug"],
        ARTICLE_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_inclusion WHERE article_id IN (ROWS(id)))"
        " OR t.id IN (SELECT q.tender_id FROM tenders_citation q JOIN tenders_article_sources w"
        " ON w.source_id = q.source_id WHERE w.article_id IN (ROWS(id)))",
    ),
    (
        "tenders_article_sources",
        WRITES,
        ARTICLE_FIGURES,
        "t.id IN (SELECT tender_id FROM tenders_citation WHERE source_id IN (ROWS(source_id)))",
    ),
    ("tenders_inclusion", WRITES, ARTICLE_FIGURES, "t.id IN (ROWS(tender_id))"),
]


def recompute_figures(connection, keys):
    """Recompute the figures of the tenders with some primary keys."""
    with connection.cursor() as cursor:
        cursor.execute(upsert_figures(connection, ALL_FIGURES, f"t.id IN ({', '.join(map(str, keys))})"))


def recompute_figures_after(connection, table, rows):
    """
    Recompute the figures of the tenders that depend on written rows of a table, old and new.

    ``rows`` is the statement that selects them, with ``{}`` for a column.
    """
    with connection.cursor() as cursor:
        for written, _events, figures, condition in FIGURE_WRITES:
            if written == table:
                cursor.execute(upsert_figures(connection, figures, with_rows(condition, rows.format)))


def with_rows(condition, values):
    """Return the condition of a write with what a function returns for each column in the place of ``ROWS``."""
    return re.sub(r"\bROWS\((\w+)\)", lambda column: values(column[1]), condition)


def upsert_figures(connection, figures, condition):
    """Return the statement that recomputes some figures of the tenders that match a condition."""
    statement = f"""
        INSERT INTO tenders_tenderfigures (tender_id, {", ".join(figures)})
        SELECT t.id, {", ".join(figures.values())} FROM tenders_tender t WHERE {condition}
        ON CONFLICT (tender_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in figures)}
    """
    return re.sub(r"\bLIST\(([^)]*)\)", LIST_SQL[connection.vendor], statement)
