"""The WSGI application that gunicorn serves: whole, with every page's module, before it forks."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kyojo.settings")
application = get_wsgi_application()
len(get_resolver().reverse_dict)  # imports them
