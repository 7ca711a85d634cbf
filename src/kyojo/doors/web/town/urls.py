from django.urls import path

from . import once, views

urlpatterns = [
    path("towns/", views.towns, name="towns"),
    path("town/<slug:slug>/", views.town, name="town"),
    path("town/<slug:slug>/places/", views.places, name="town-places"),
    path("town/<slug:slug>/figures.csv", views.town_csv, name="town-csv"),
    path("town/<slug:slug>/once/", once.listed, name="town-once"),
    path("town/<slug:slug>/once/apply/<uuid:uid>/", once.apply_page, name="town-once-apply"),
    path("town/<slug:slug>/once/<slug:code>/", once.state_page, name="town-once-state"),
    path("town/<slug:slug>/once/<slug:code>/withdraw/", once.withdraw, name="town-once-withdraw"),
]
