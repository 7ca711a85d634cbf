"""The log's files are the same for everyone: no login is looked up, no cookie read or set."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

FILES = re.compile(r"/log/[-\w]+/(?:checkpoint|key|policy|tile/.*)", re.ASCII)


class LogFilesMiddleware:
    """Stands before the session's middleware. Without it a shared cache would keep a copy of each
    tile per visitor (``Vary: Cookie``), and a reader with a login could be told from one without.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not FILES.fullmatch(request.path):
            return self.get_response(request)
        request.COOKIES = {}
        response = self.get_response(request)
        response.cookies.clear()
        for header in ("Vary", "Content-Language"):
            if header in response:
                del response[header]
        return response
