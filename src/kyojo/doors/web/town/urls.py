from django.urls import path

from . import views

urlpatterns = [
    path("towns/", views.towns, name="towns"),
    path("town/<slug:slug>/", views.town, name="town"),
    path("town/<slug:slug>/places/", views.places, name="town-places"),
    path("town/<slug:slug>/figures.csv", views.town_csv, name="town-csv"),
]
