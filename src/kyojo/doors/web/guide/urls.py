"""制度をはじめる前に: public pages without a login."""

from django.urls import path

from . import views

urlpatterns = [
    path("guide/", views.index, name="guide"),
    path("guide/currency/", views.currency, name="guide-currency"),
    path("guide/paid/", views.paid, name="guide-paid"),
    path("guide/transport/", views.transport, name="guide-transport"),
    path("guide/money/", views.money, name="guide-money"),
    path("guide/money/document/", views.document, name="guide-document"),
    path("guide/samples/<slug:code>/", views.sample, name="guide-sample"),
]
