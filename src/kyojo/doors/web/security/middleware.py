"""Devices: the cookie for one on which a login has just opened, and that it is still in use."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import devices


class DeviceMiddleware:
    """Stands inside ``TenantMiddleware``, whose transaction it writes in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            devices.touch(request)
        response = self.get_response(request)
        devices.cookie_give(request, response)
        return response
