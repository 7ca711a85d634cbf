"""Pages of the base itself: the style page, the web app's manifest and its worker."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static

from . import sample


def style(request: HttpRequest) -> HttpResponse:
    """Every part on one page, as pictures are compared against (demo and debug only)."""
    return render(request, "style.html", sample.context(request.GET))


def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest; a view, because the icons' addresses carry a hash."""
    return JsonResponse(
        {
            "name": "Kyojo 共助",
            "short_name": "共助",
            "lang": "ja",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#f7f5f0",
            "theme_color": "#115a36",
            "icons": [
                {
                    "src": static(f"web/icon-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                }
                for size in (192, 512)
            ]
            + [
                {
                    "src": static("web/icon-512.png"),
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "maskable",
                }
            ],
        },
        content_type="application/manifest+json",
    )


#: What a visit's page is made of, beside itself.
WORKER_FILES = (
    "web/tokens.css",
    "web/components.css",
    "web/icons.svg",
    "web/visit.js",
    "web/sos.js",
    "web/fonts/biz-udpgothic-regular.woff2",
    "web/fonts/biz-udpgothic-bold.woff2",
)


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps pages of visits readable without network."""
    files = [static(name) for name in WORKER_FILES]
    answer = render(
        request,
        "web/sw.js",
        {"files": files, "version": _version()},
        content_type="text/javascript; charset=utf-8",
    )
    answer["Cache-Control"] = "no-cache"
    return answer


def _version() -> str:
    return _digest() if settings.DEBUG else _digest_once()


def _digest() -> str:
    """Changes whenever one of the files does."""
    found = hashlib.sha256()
    for name in WORKER_FILES:
        path = finders.find(name)
        if path is None:  # collected elsewhere: the hash in its address tells
            found.update(static(name).encode())
        else:
            found.update(Path(path).read_bytes())
    return found.hexdigest()[:12]


_digest_once = cache(_digest)
