"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application

from portal.stuck import Guarded

os.umask(0o077)  # as in manage.py, for who starts the web server without it
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = Guarded(get_wsgi_application())
