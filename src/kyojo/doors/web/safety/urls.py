"""Addresses of safety around a visit. Names start with ``safety``."""

from django.urls import path

from . import accident, ready, sos, warmth, worry

urlpatterns = [
    path("visits/<uuid:uid>/sos/", sos.page, name="safety-sos"),
    path("visits/<uuid:uid>/sos/position/", sos.position, name="safety-sos-position"),
    path("visits/<uuid:uid>/sos/withdraw/", sos.withdraw, name="safety-sos-withdraw"),
    path("visits/<uuid:uid>/fine/", sos.fine, name="safety-fine"),
    path("visits/<uuid:uid>/ready/", ready.page, name="safety-ready"),
    path("visits/<uuid:uid>/ready/agree/", ready.agree, name="safety-ready-agree"),
    path("visits/<uuid:uid>/ready/met/", ready.met, name="safety-ready-met"),
    path("visits/<uuid:uid>/ready/second/", ready.second, name="safety-ready-second"),
    path("visits/<uuid:uid>/worry/", worry.page, name="safety-worry"),
    path("visits/<uuid:uid>/accident/", accident.page, name="safety-accident"),
    path("visits/<uuid:uid>/accident/<int:number>/", accident.part, name="safety-accident-part"),
    path("visits/<uuid:uid>/card/", warmth.card, name="safety-card"),
    path("visits/<uuid:uid>/card.pdf", warmth.card_paper, name="safety-card-paper"),
    path("visits/<uuid:uid>/face.jpg", warmth.face_of_visit, name="safety-visit-face"),
    path("visits/<uuid:uid>/letter/", warmth.letter, name="safety-letter"),
    path("visits/<uuid:uid>/gift/", warmth.gift, name="safety-gift"),
    path("me/face/", warmth.face, name="safety-face"),
    path("me/face.jpg", warmth.face_own, name="safety-face-own"),
    path("me/give/", warmth.give, name="safety-give"),
    path("me/family/", warmth.family, name="safety-family"),
    path("me/family/<uuid:uid>.jpg", warmth.letter_picture, name="safety-letter-picture"),
    path("me/family/<uuid:uid>/remove/", warmth.letter_remove, name="safety-letter-remove"),
    path("me/family/links/<uuid:uid>/end/", warmth.family_link_end, name="safety-family-link-end"),
    # For brothers and sisters, without an account: the token is all that they have.
    path("family/<int:town>/<str:token>/", warmth.family_open, name="safety-family-open"),
    path(
        "family/<int:town>/<str:token>/<uuid:uid>.jpg",
        warmth.family_picture,
        name="safety-family-picture",
    ),
]
