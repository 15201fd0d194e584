"""JSON Schemas (draft 2020-12) of the data: of the columns of lists, of records, and of errors."""

from tenders.choices import ValueType
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.statements import SOURCE, SOURCES, STATEMENT, STATEMENTS
from tenders.models import Award, Company, Institution, Tender
from tenders.problems import PROBLEM_TYPES
from tenders.references import REFERENCE_PATTERN

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
ADDRESS = {"type": "string", "format": "uri"}
MOMENT = {"type": "string", "format": "date-time"}
PARTIAL_DATE = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", "examples": ["2019-10"]}
REFERENCE = {"type": "string", "pattern": f"^[A-Z]{{1,2}}-{REFERENCE_PATTERN}$", "examples": ["TW-N9GRJT"]}
TYPES = {
    ValueType.TEXT: TEXT,
    ValueType.CODE: TEXT,
    ValueType.REFERENCE: REFERENCE,
    ValueType.NUMBER: NUMBER,
    ValueType.MONEY: {"type": "number", "description": "yuan"},
    ValueType.FLAG: FLAG,
    ValueType.DATE: PARTIAL_DATE,
    ValueType.ADDRESS: ADDRESS,
}
NEVER_UNKNOWN = {"reference", "address", "year", "target"}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def array(items):
    return {"type": "array", "items": items}


def obj(properties, *, optional=()):
    """Return the schema of an object; members may be added, so others are allowed."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def of_column(column):
    """Return the schema of a column's value: null where it is unknown, an empty text or list where there is none."""
    value = TYPES[column.type]
    if column.name in NEVER_UNKNOWN:
        return value | {"description": str(column.description)}
    value = {"anyOf": [value, {"const": ""}, {"type": "null"}]} if value != TEXT else {"type": ["string", "null"]}
    for _separator in column.separators:
        value = nullable(array(value))
    return {**value, "description": str(column.description)}


def row(columns):
    """Return the schema of an object with a member for each column."""
    return obj({column.name: of_column(column) for column in columns})


META = {"address": ADDRESS, "page": ADDRESS, "date": nullable(MOMENT), "licence": ADDRESS}
UNKNOWN = {"description": "how many of all rows have an unknown value, by column"}


def list_of(row_name):
    """Return the schema of a list: the metadata, and a page of the rows or all of them."""
    meta = {
        "total": {"type": "integer", "description": "number of all rows, on whichever page"},
        "unknown": {"type": "object", "additionalProperties": NUMBER, **UNKNOWN},
        "next": nullable(ADDRESS | {"description": "address of the next page; null on the last one"}),
    }
    return obj({"meta": obj(META | meta, optional={"next"}), "results": array(ref(row_name))})


def of_data(members, **meta):
    """Return the schema of other data: the metadata, with ``meta`` besides, and some members."""
    return obj({"meta": obj(META | meta), **members})


def record(model):
    """Return the schema of a record with all statements on its facts."""
    return obj(
        {
            "reference": REFERENCE,
            "address": ADDRESS,
            "facts": _facts(model),
            "columns": {"type": "object"},
            **({"awards": array(obj({"facts": _facts(Award)}))} if model is Tender else {}),
            "sources": array(ref("Source")),
            "history": array({"type": "object"}),
        }
    )


def _facts(model):
    return obj({str(fact): ref("Fact") for fact in model.FACTS})


FACT = obj(
    {
        "column": {"type": "string", "description": "the column of the lists that has the value"},
        "value": {"description": "null: unknown"},
        "is": {"enum": ["known", "none", "unknown"]},
        "disputed": {"type": "boolean", "description": "sources state different values"},
        "statements": array(ref("Statement")),
    }
)
EMPTY = {"type": "string", "pattern": r"^\s*$", "description": "ignored"}
PROBLEM = obj(
    {
        "type": ADDRESS | {"description": "explains the problem; ends with #" + ", #".join(map(str, PROBLEM_TYPES))},
        "title": TEXT,
        "status": NUMBER,
        "detail": TEXT,
        "instance": TEXT,
        "errors": array(obj({"parameter": TEXT, "detail": TEXT})),
        "request_id": TEXT,
    },
    optional={"errors", "request_id"},
)


def components():
    """Return the schemas that others refer to, by name."""
    return {
        "TenderRow": row(TENDERS),
        "InstitutionRow": row(INSTITUTIONS),
        "CompanyRow": row(COMPANIES),
        "StatementRow": row(STATEMENTS),
        "SourceRow": row(SOURCES),
        "Statement": row(STATEMENT),
        "Source": row(SOURCE),
        "Empty": EMPTY,
        "Fact": FACT,
        "Tender": record(Tender),
        "Institution": record(Institution),
        "Company": record(Company),
        "Problem": PROBLEM,
    }
