"""
Undoing what was written after a change, in a copy of the database: by statements about whole tables.

An object that was written later gets the state of its last row of history before; one that was added later goes. Where
that row is missing, the first one that there is tells the most about then: of an object that was there already when its
history began, and of one that was changed or deleted before anything was recorded of it.

What public pages read and has no history: verdict changes and checks of addresses, which have a time of their own, and
what readers may download of a file, which is as today.
"""

from contextlib import contextmanager

from tenders.choices import ChangeKind
from tenders.derived import all_derived_fields
from tenders.figures import recompute_figures_after
from tenders.models import AddressCheck, Change, Report, SourceFile, TenderFigures, VerdictChange
from tenders.models.changes import tracked_models
from tenders.undoing.states import list_columns

BATCH = 500  # records whose derived fields are computed at once
AS_TODAY = {SourceFile: {"is_publishable", "publishable_reason", "erased_at", "erasure_reason"}}
# The column of time of what has no history, and the object without which it is gone.
DATED = {VerdictChange: ("changed_at", "claim"), AddressCheck: ("checked_at", "source")}
STATES_BEFORE = """
INSERT INTO states SELECT history_id FROM (
    SELECT history_id, history_type, ROW_NUMBER() OVER (PARTITION BY id ORDER BY change_id DESC, history_id DESC) place
    FROM {history} WHERE id IN (SELECT id FROM undone) AND change_id <= %s
) WHERE place = 1 AND history_type <> '-'
"""
FIRST_STATES = """
INSERT INTO states SELECT history_id FROM (
    SELECT history_id, history_type, change_id, ROW_NUMBER() OVER (PARTITION BY id ORDER BY change_id, history_id) place
    FROM {history} WHERE id IN (SELECT id FROM undone) AND id NOT IN (SELECT id FROM {history} WHERE change_id <= %s)
) WHERE place = 1 AND (history_type <> '+' OR change_id IN (
    SELECT id FROM tenders_change
    WHERE kind = %s AND id = (SELECT MIN(change_id) FROM {history} WHERE history_type = '+')
))
"""


def rewind(copy, change):
    """Undo all that was written after a change, and what is computed from it."""
    with copy.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE undone (id INTEGER PRIMARY KEY)")
        cursor.execute("CREATE TEMP TABLE states (history_id INTEGER PRIMARY KEY)")
        written = [_Table(model, cursor) for model in tracked_models()]
        stale = {table.model: table.rewind(change) for table in written}
        for table in written:
            table.remove_lost_members()
        _compute_figures(copy, cursor)
        _remove_later(cursor, change)
    for model, pks in stale.items():
        _derive(copy, model, pks)


class _Table:
    """The table of a tracked model, with those of its many-to-many lists and of its history."""

    def __init__(self, model, cursor):
        self.model, self.cursor, self.name = model, cursor, model._meta.db_table
        self.history = model.history.model
        self.derived = all_derived_fields(model)

    def rewind(self, change):
        """Undo what was written after a change; return the primary keys of the records to derive columns of."""
        history = self.history._meta.db_table
        self.cursor.execute("DELETE FROM undone")
        self.cursor.execute(f"INSERT INTO undone SELECT DISTINCT id FROM {history} WHERE change_id > %s", [change])
        if not self.cursor.rowcount:
            return []
        self.cursor.execute("DELETE FROM states")
        self.cursor.execute(STATES_BEFORE.format(history=history), [change])
        self.cursor.execute(FIRST_STATES.format(history=history), [change, ChangeKind.BASELINE])
        with _rewritten(self.cursor, self.name, "id"):
            self.cursor.execute(self._restore())
            stale = self._stale()
        for through, own, _other, members in self._lists():
            columns = ", ".join(field.column for field in through._meta.concrete_fields)
            table = through._meta.db_table
            with _rewritten(self.cursor, table, own):
                self.cursor.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {members}"
                    " WHERE history_id IN (SELECT history_id FROM states)"
                )
        return stale

    def remove_lost_members(self):
        """Remove from lists what was not there then."""
        for through, _own, other, _members in self._lists():
            member = next(field for field in through._meta.concrete_fields if field.column == other).related_model
            self.cursor.execute(
                f"DELETE FROM {through._meta.db_table} WHERE {other} NOT IN (SELECT id FROM {member._meta.db_table})"
            )

    def _restore(self):
        """Return the statement that writes the states of then; derived columns are those of today at first."""
        tracked = [field.column for field in self.history.tracked_fields]
        today = AS_TODAY.get(self.model, ())
        values = [
            f"CASE WHEN f.id IS NULL THEN h.{name} ELSE f.{name} END" if name in today else f"h.{name}"
            for name in tracked
        ]
        derived = [field.column for field in self.derived]
        return f"""
            INSERT INTO {self.name} ({", ".join(tracked + derived)})
            SELECT {", ".join(values + [f"COALESCE(f.{name}, '')" for name in derived])} {self._found()}
        """

    def _found(self):
        return f"""
            FROM {self.history._meta.db_table} h LEFT JOIN written_{self.name} f ON f.id = h.id
            WHERE h.history_id IN (SELECT history_id FROM states)
        """

    def _stale(self):
        """Return the primary keys of records whose derived columns are not those of today."""
        columns = sorted({name for field in self.derived for name in field.columns})
        if not columns:
            return []
        differ = " OR ".join(f"h.{name} IS NOT f.{name}" for name in columns)
        self.cursor.execute(f"SELECT h.id {self._found()} AND (f.id IS NULL OR {differ})")
        return [pk for (pk,) in self.cursor.fetchall()]

    def _lists(self):
        """Yield the model of the links of each list, its two columns, and the table of its history."""
        for field in self.history._history_m2m_fields:
            yield *list_columns(field), getattr(self.history, field.name).model._meta.db_table


@contextmanager
def _rewritten(cursor, table, column):
    """
    Delete the rows of a table that belong to what is undone; the block writes others.

    ``written_<table>`` has the former rows inside the block, and all of them after it.
    """
    written = f"SELECT * FROM {table} WHERE {column} IN (SELECT id FROM undone)"
    cursor.execute(f"CREATE TEMP TABLE written_{table} AS {written}")
    cursor.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM undone)")
    yield
    cursor.execute(f"INSERT INTO written_{table} {written}")


def _compute_figures(copy, cursor):
    """Compute the figures of tenders that depend on what was written, as the triggers of the site do."""
    cursor.execute("SELECT name FROM sqlite_temp_master WHERE name LIKE %s", ["written_%"])
    written = {name.removeprefix("written_") for (name,) in cursor.fetchall()}
    for table in written:
        recompute_figures_after(copy, table, f"SELECT {{}} FROM written_{table}")
    cursor.execute(f"DELETE FROM {TenderFigures._meta.db_table} WHERE tender_id NOT IN (SELECT id FROM tenders_tender)")


def _remove_later(cursor, change):
    """Remove the changes after one, and all that has a time after it."""
    cursor.execute("SELECT made_at FROM tenders_change WHERE id > %s ORDER BY id LIMIT 1", [change])
    (next_made_at,) = cursor.fetchone()
    for model, (column, owner) in DATED.items():
        field = model._meta.get_field(owner)
        cursor.execute(
            f"DELETE FROM {model._meta.db_table} WHERE {column} >= %s"
            f" OR {field.column} NOT IN (SELECT id FROM {field.related_model._meta.db_table})",
            [next_made_at],
        )
    for model in tracked_models():
        history = model.history.model
        later = f"FROM {history._meta.db_table} WHERE change_id > %s"
        for field in history._history_m2m_fields:
            members = getattr(history, field.name).model._meta.db_table
            cursor.execute(f"DELETE FROM {members} WHERE history_id IN (SELECT history_id {later})", [change])
        cursor.execute(f"DELETE {later}", [change])
    cursor.execute(f"DELETE FROM {Report._meta.db_table} WHERE change_id > %s", [change])
    cursor.execute(f"DELETE FROM {Change._meta.db_table} WHERE id > %s", [change])


def _derive(copy, model, pks):
    """Compute the derived columns of some records."""
    derived = all_derived_fields(model)
    columns = {"pk", *(name for field in derived for name in field.columns)}
    assign = ", ".join(f"{field.column} = %s" for field in derived)
    for start in range(0, len(pks), BATCH):
        records = model._base_manager.using(copy.alias).filter(pk__in=pks[start : start + BATCH]).only(*columns)
        values = [[*(getattr(record, field.attname) for field in derived), record.pk] for record in records]
        with copy.cursor() as cursor:
            cursor.executemany(f"UPDATE {model._meta.db_table} SET {assign} WHERE id = %s", values)
