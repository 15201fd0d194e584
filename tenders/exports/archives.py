"""ZIP archives, and workbooks, of which the same content gives the same bytes."""

import datetime
from shutil import copyfileobj
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.writer.excel import ExcelWriter

FIRST_MOMENT = datetime.datetime(1980, 1, 1)  # that an archive can state


class Archive(ZipFile):
    """An archive all of whose members have the same date."""

    def writestr(self, name, data):
        super().writestr(_member(name), data)

    def write(self, path, name):
        with open(path, "rb") as source, self.open_member(name) as target:
            copyfileobj(source, target)

    def open_member(self, name):
        """Open a new member to write to."""
        return self.open(_member(name), "w", force_zip64=True)


def _member(name):
    member = ZipInfo(name, FIRST_MOMENT.timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    return member


def save_workbook(workbook, file):
    """Write a workbook to a file, without the moment at which that is done."""
    workbook.properties.created = workbook.properties.modified = FIRST_MOMENT
    with Archive(file, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(workbook, archive).write_data()
