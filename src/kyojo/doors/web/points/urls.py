"""Points, stamps and tickets: what a member has, why, and what it is used for."""

from django.urls import path

from . import coupons, handing, thanking, using, views

urlpatterns = [
    path("me/points/", views.programmes_page, name="me-points"),
    path("me/points/<slug:code>/", views.programme_page, name="me-points-one"),
    path("me/points/<slug:code>/card.pdf", views.card_pdf, name="me-points-card"),
    path("me/points/<slug:code>/book.pdf", views.book_pdf, name="me-points-book"),
    path("me/points/<slug:code>/use/<slug:use>/", using.use_page, name="me-points-use"),
    path("me/points/<slug:code>/hand/", handing.hand_page, name="me-points-hand"),
    path("me/points/<slug:code>/start/", handing.start, name="me-points-start"),
    path("me/points/<slug:code>/cancel/<uuid:uid>/", using.cancel, name="me-points-cancel"),
    path("me/points/<slug:code>/thanks/", thanking.thanks_page, name="me-points-thanks"),
    path(
        "me/points/<slug:code>/coupons/<uuid:uid>/",
        coupons.make,
        name="me-points-coupons-make",
    ),
    path(
        "me/points/<slug:code>/coupons/<uuid:uid>.pdf",
        coupons.paper,
        name="me-points-coupons",
    ),
    path(
        "me/points/<slug:code>/invoices/<uuid:uid>.pdf",
        thanking.invoice_pdf,
        name="me-points-invoice",
    ),
]
