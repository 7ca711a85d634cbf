"""The supporter's home."""

from django.urls import path

from . import views

urlpatterns = [
    path("help/", views.home_page, name="supporter-home"),
]
