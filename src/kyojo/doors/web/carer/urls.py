"""The carer's addresses: home, asking, looking for somebody."""

from django.urls import path

from . import ask, home, places, requests

urlpatterns = [
    path("", home.home, name="carer-home"),
    path("ask/", ask.category_page, name="carer-ask"),
    path("ask/outside/", ask.outside_page, name="carer-ask-outside"),
    path("ask/place/", places.place_page, name="carer-ask-place"),
    path("ask/new/<slug:code>/", ask.new_page, name="carer-ask-new"),
    path("ask/<uuid:uid>/", ask.review_page, name="carer-ask-review"),
    path("ask/<uuid:uid>/change/", ask.change_page, name="carer-ask-change"),
    path("requests/<uuid:uid>/", requests.request_page, name="carer-request"),
    path("requests/<uuid:uid>/people/", requests.people_page, name="carer-request-people"),
    path(
        "requests/<uuid:uid>/people/<int:town>/<uuid:supporter_uid>/",
        requests.person_page,
        name="carer-request-person",
    ),
    path("requests/<uuid:uid>/send/", requests.broadcast_page, name="carer-request-send"),
    path("requests/<uuid:uid>/cancel/", requests.cancel_page, name="carer-request-cancel"),
    path("requests/<uuid:uid>/handover/", requests.handover, name="carer-request-handover"),
    path(
        "requests/<uuid:uid>/offers/<uuid:offer_uid>/withdraw/",
        requests.offer_withdraw,
        name="carer-offer-withdraw",
    ),
    path(
        "requests/<uuid:uid>/offers/<uuid:offer_uid>/choose/",
        requests.offer_choose,
        name="carer-offer-choose",
    ),
]
