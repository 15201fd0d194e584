"""WSGI application."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenderwatch.settings")

application = get_wsgi_application()

# Import the views before the server forks workers, which then share that memory.
import_module(settings.ROOT_URLCONF)
