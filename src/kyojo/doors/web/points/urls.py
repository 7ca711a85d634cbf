"""Points, stamps and tickets: what a member has, why, and what it is used for."""

from django.urls import path

from . import handing, thanking, using, views

urlpatterns = [
    path("me/points/", views.programmes_page, name="me-points"),
    path("me/points/<slug:code>/", views.programme_page, name="me-points-one"),
    path("me/points/<slug:code>/use/<slug:use>/", using.use_page, name="me-points-use"),
    path("me/points/<slug:code>/hand/", handing.hand_page, name="me-points-hand"),
    path("me/points/<slug:code>/start/", handing.start, name="me-points-start"),
    path("me/points/<slug:code>/cancel/<uuid:uid>/", using.cancel, name="me-points-cancel"),
    path("me/points/<slug:code>/thanks/", thanking.thanks_page, name="me-points-thanks"),
    path(
        "me/points/<slug:code>/invoices/<uuid:uid>.pdf",
        thanking.invoice_pdf,
        name="me-points-invoice",
    ),
]
