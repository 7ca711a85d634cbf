from django.urls import path, re_path

from . import pages, views

urlpatterns = [
    path("log/<slug:slug>/", pages.page, name="log-page"),
    path("log/<slug:slug>/checkpoint", views.checkpoint, name="log-checkpoint"),
    path("log/<slug:slug>/key", views.key, name="log-key"),
    path("log/<slug:slug>/policy", views.policy, name="log-policy"),
    re_path(r"^log/(?P<slug>[-a-zA-Z0-9_]+)/(?P<name>tile/[^?]+)$", views.tile, name="log-tile"),
]
