"""Addresses around a visit. Names start with ``visit``, ``offer`` or ``receipt``."""

from django.urls import path

from . import cards, closing, day, offers, photos, receipts, rulings, views

urlpatterns = [
    path("visits/", views.visits, name="visits"),
    path("visits/<uuid:uid>/", views.visit, name="visit"),
    path("visits/<uuid:uid>/heading/", day.heading, name="visit-heading"),
    path("visits/<uuid:uid>/start/", day.start, name="visit-start"),
    path("visits/<uuid:uid>/end/", day.end, name="visit-end"),
    path("visits/<uuid:uid>/position/", day.position, name="visit-position"),
    path("visits/<uuid:uid>/sending/", day.sending, name="visit-sending"),
    path("visits/<uuid:uid>/late/", day.late, name="visit-late"),
    path("visits/<uuid:uid>/stop/", day.stop, name="visit-stop"),
    path("visits/<uuid:uid>/yes/", views.yes, name="visit-yes"),
    path("visits/<uuid:uid>/confirm/", closing.confirm, name="visit-confirm"),
    path("visits/<uuid:uid>/dispute/", closing.dispute, name="visit-dispute"),
    path("visits/<uuid:uid>/accept/", rulings.accept, name="visit-accept"),
    path("visits/<uuid:uid>/appeal/", rulings.appeal, name="visit-appeal"),
    path("visits/<uuid:uid>/photos/", photos.add, name="visit-photo"),
    path("visits/<uuid:uid>/photos/allow/", photos.allow, name="visit-photos-allow"),
    path("visits/<uuid:uid>/photos/<uuid:photo>/", photos.shown, name="visit-photo-show"),
    path("visits/<uuid:uid>/absent/", closing.absent, name="visit-absent"),
    path("visits/<uuid:uid>/cancel/", closing.cancel, name="visit-cancel"),
    path("visits/<uuid:uid>/thanks/", closing.thanks, name="visit-thanks"),
    path("visits/<uuid:uid>/review/", closing.review_back, name="visit-review"),
    path("visits/<uuid:uid>/receipt/", receipts.own, name="visit-receipt"),
    path(
        "visits/<uuid:uid>/receipt/<int:place>.kyojo-receipt",
        receipts.own_file,
        name="visit-receipt-file",
    ),
    path("visits/<uuid:uid>/receipt/<int:place>.svg", receipts.own_qr, name="visit-receipt-qr"),
    # Short, because they stand in the QR code of a printed card, and in a chip.
    path("c/<int:town>/<uuid:uid>/", cards.chip, name="card-chip"),
    path("c/<int:town>/<str:code>/", cards.printed, name="card"),
    path("offers/<uuid:uid>/answer/", offers.answer, name="offer-answer"),
    path("receipts/<str:code>/", receipts.public, name="receipt"),
    path(
        "receipts/<str:code>/<int:place>.kyojo-receipt", receipts.public_file, name="receipt-file"
    ),
]
