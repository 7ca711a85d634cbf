"""Addresses of what goes from hand to hand: sales, tickets on paper, fees, the beginning."""

from django.urls import path

from . import fees, paper_tickets, selling, starting

ONE = "desk/points/<slug:code>/"
SALES, PAPERS, FEES = ONE + "sales/", ONE + "papers/", ONE + "fees/"

urlpatterns = [
    path(SALES, selling.listed, name="desk-points-sales"),
    path(SALES + "new/", selling.new, name="desk-points-sale-new"),
    path(SALES + "<uuid:uid>/", selling.one, name="desk-points-sale"),
    path(SALES + "<uuid:uid>/void/", selling.void, name="desk-points-sale-void"),
    path(PAPERS, paper_tickets.listed, name="desk-points-papers"),
    path(PAPERS + "new/", paper_tickets.new, name="desk-points-papers-new"),
    path(PAPERS + "take/", paper_tickets.take, name="desk-points-papers-take"),
    path(PAPERS + "<int:number>/", paper_tickets.one, name="desk-points-paper"),
    path(PAPERS + "printed/<uuid:uid>/", paper_tickets.printed, name="desk-points-printed"),
    path(
        PAPERS + "printed/<uuid:uid>/<int:vintage>.pdf",
        paper_tickets.sheet,
        name="desk-points-papers-sheet",
    ),
    path(FEES, fees.listed, name="desk-points-fees"),
    path(FEES + "new/", fees.pay, name="desk-points-fee-new"),
    path(ONE + "members/<uuid:uid>/start/", starting.start, name="desk-points-start"),
]
