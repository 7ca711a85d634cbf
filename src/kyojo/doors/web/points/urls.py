"""Points, stamps and tickets: what a member has, why, and what it is used for."""

from django.urls import path

from . import using, views

urlpatterns = [
    path("me/points/", views.programmes_page, name="me-points"),
    path("me/points/<slug:code>/", views.programme_page, name="me-points-one"),
    path("me/points/<slug:code>/use/<slug:use>/", using.use_page, name="me-points-use"),
    path("me/points/<slug:code>/cancel/<uuid:uid>/", using.cancel, name="me-points-cancel"),
]
