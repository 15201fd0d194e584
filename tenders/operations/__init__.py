"""Care of the whole database: back it up, restore it, copy it to another engine."""

from tenders.operations.backups import back_up, last_backup_at
from tenders.operations.copying import copy_database
from tenders.operations.databases import OperationError, connect
from tenders.operations.restoring import restore
