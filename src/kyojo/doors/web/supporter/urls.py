"""The supporter's home."""

from django.urls import path

from . import series, teams, views

urlpatterns = [
    path("help/", views.home_page, name="supporter-home"),
    path("help/series/<int:town>/<uuid:uid>/", series.series_page, name="supporter-series"),
    path("help/series/<int:town>/<uuid:uid>/away/", series.away, name="supporter-series-away"),
    path("help/series/<int:town>/<uuid:uid>/leave/", series.leave, name="supporter-series-leave"),
    path("help/teams/<uuid:uid>/", teams.team_page, name="supporter-team"),
]
