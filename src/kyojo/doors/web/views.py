"""Pages of the base itself: the style page and the web app's manifest."""

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
