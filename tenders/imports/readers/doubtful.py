"""Why the number in a cell is not read."""

from django.utils.translation import gettext as _


class Doubtful(Exception):  # noqa: N818 it is no error of ours
    """Raised for a cell that can't be read with certainty: what it ``shows``, and in words what would be right."""

    def __init__(self, shown, message):
        super().__init__(message)
        self.shown, self.message = shown, message


class Unknown(Doubtful):
    """Raised for a number format that is not understood."""

    def __init__(self, code):
        message = _("Write what the cell shows as text: its number format “%(code)s” can’t be read.")
        super().__init__("", message % {"code": code})


def differs(held, shown):
    """Return the exception for a cell that shows something else than it holds."""
    message = _("Write as text what is meant, or change the number format: it shows “%(shown)s” for %(held)s.")
    return Doubtful(shown or held, message % {"held": held, "shown": shown})
