#!/usr/bin/env python
"""Django's command line for TenderWatch."""

import gc
import os
import sys

SELDOM = 100_000  # objects more, after which the garbage collector looks for cycles


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenderwatch.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here. Run `make run` first, then .venv/bin/python manage.py …"
        ) from error
    gc.set_threshold(SELDOM)  # records are in no cycles: the default takes a fifth of the time of an import
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
