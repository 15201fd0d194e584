"""Care of the whole database: back it up, restore it, copy it to another engine."""

from tenders.operations.backups import back_up, flush, last_backup_at, project_version
from tenders.operations.copying import copy_database
from tenders.operations.databases import OperationError, connect, failing_in_words, snapshot
from tenders.operations.restoring import restore
