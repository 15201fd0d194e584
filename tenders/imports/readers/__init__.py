"""
Read tables from CSV files and workbooks: rows of cells, each the text that it would be in CSV.

A cell is read with certainty, or is a ``ReadCell``, which says what was read of what it shows, or a ``RefusedCell``,
which says what would be right. A table is read again whenever its rows are iterated: no file is held in memory.

    file -> opening -> csv_files with encodings, or workbooks with packages, sheets, number_formats and date_formats
"""

from tenders.imports.readers.encodings import ENCODINGS
from tenders.imports.readers.opening import open_table
from tenders.imports.readers.tables import Quotation, ReadCell, RefusedCell, StatedCell, Table, Unreadable
