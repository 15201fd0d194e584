"""The entry point for web servers."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenderwatch.settings")

application = get_wsgi_application()

# Views are loaded before a server makes its workers: they have one start in common, and so the same ETags.
import_module(settings.ROOT_URLCONF)
