"""The WSGI entry point: pages and API."""

import os

from django.core.wsgi import get_wsgi_application

from wherewithal.kit.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wherewithal.site.settings")
die_with_parent()
application = get_wsgi_application()
