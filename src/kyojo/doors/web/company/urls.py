from django.urls import path

from . import views

urlpatterns = [
    path("companies/", views.ranking, name="companies"),
    path("company/<slug:slug>/", views.company, name="company"),
    path("company/<slug:slug>/figures.csv", views.company_csv, name="company-csv"),
    path("workplace/", views.workplace, name="workplace"),
    path("workplace/<int:municipality_id>/<uuid:uid>/", views.decide, name="workplace-decide"),
]
