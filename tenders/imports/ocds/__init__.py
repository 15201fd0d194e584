"""
Packages of the Open Contracting Data Standard (OCDS 1.0 and 1.1) as tables of tenders, for the import of tables.

    file -> documents -> processes (releases compiled by ocid) -> facts (cells, each with its place) -> table
"""

from tenders.imports.ocds.table import OcdsTable, open_any
