"""Addresses of paid help and its invoices, under /desk/points/<code>/."""

from django.urls import path

from . import invoices, paid_help

HELP = "desk/points/<slug:code>/help/"
INVOICES = "desk/points/<slug:code>/invoices/"

urlpatterns = [
    path(HELP, paid_help.listed, name="desk-points-help"),
    path(HELP + "months/", paid_help.months, name="desk-points-help-months"),
    path(HELP + "new/", paid_help.new, name="desk-points-help-new"),
    path(HELP + "<uuid:uid>/", paid_help.one, name="desk-points-help-one"),
    path(HELP + "<uuid:uid>/void/", paid_help.void, name="desk-points-help-void"),
    path(INVOICES, invoices.listed, name="desk-points-invoices"),
    path(
        INVOICES + "<int:year>/<int:month>/",
        invoices.issue,
        name="desk-points-invoices-issue",
    ),
    path(INVOICES + "<uuid:uid>/", invoices.one, name="desk-points-invoice"),
    path(INVOICES + "<uuid:uid>.pdf", invoices.paper, name="desk-points-invoice-pdf"),
    path(INVOICES + "<uuid:uid>/paid/", invoices.paid, name="desk-points-invoice-paid"),
    path(INVOICES + "<uuid:uid>/return/", invoices.return_ask, name="desk-points-return"),
    path(
        INVOICES + "<uuid:uid>/return/<uuid:order>/confirm/",
        invoices.return_confirm,
        name="desk-points-return-confirm",
    ),
    path(
        INVOICES + "<uuid:uid>/return/<uuid:order>/cancel/",
        invoices.return_cancel,
        name="desk-points-return-cancel",
    ),
    path(INVOICES + "<uuid:uid>/void/", invoices.void, name="desk-points-invoice-void"),
]
