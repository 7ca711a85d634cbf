"""The carer's addresses: home, asking, looking for somebody."""

from django.urls import path

from . import ask, bundles, home, once, places, requests, series

urlpatterns = [
    path("", home.home, name="carer-home"),
    path("ask/", ask.category_page, name="carer-ask"),
    path("ask/outside/", ask.outside_page, name="carer-ask-outside"),
    path("ask/place/", places.place_page, name="carer-ask-place"),
    path("ask/new/<slug:code>/", ask.new_page, name="carer-ask-new"),
    path("ask/<uuid:uid>/", ask.review_page, name="carer-ask-review"),
    path("ask/<uuid:uid>/change/", ask.change_page, name="carer-ask-change"),
    path("series/new/<uuid:uid>/", series.new_page, name="carer-series-new"),
    path("series/<uuid:uid>/", series.series_page, name="carer-series"),
    path("series/<uuid:uid>/change/", series.change_page, name="carer-series-change"),
    path("series/<uuid:uid>/skip/", series.skip, name="carer-series-skip"),
    path("series/<uuid:uid>/usual/", series.usual, name="carer-series-usual"),
    path("series/<uuid:uid>/end/", series.end_page, name="carer-series-end"),
    path("bundles/new/", bundles.new_page, name="carer-bundle-new"),
    path("bundles/<uuid:uid>/", bundles.bundle_page, name="carer-bundle"),
    path("bundles/<uuid:uid>/add/", bundles.kinds_page, name="carer-bundle-kinds"),
    path("bundles/<uuid:uid>/add/<slug:code>/", bundles.part_page, name="carer-bundle-part"),
    path(
        "bundles/<uuid:uid>/parts/<uuid:part_uid>/remove/",
        bundles.part_remove,
        name="carer-bundle-remove",
    ),
    path("bundles/<uuid:uid>/cancel/", bundles.cancel_page, name="carer-bundle-cancel"),
    path("requests/<uuid:uid>/", requests.request_page, name="carer-request"),
    path("requests/<uuid:uid>/people/", requests.people_page, name="carer-request-people"),
    path(
        "requests/<uuid:uid>/people/<int:town>/<uuid:supporter_uid>/",
        requests.person_page,
        name="carer-request-person",
    ),
    path("requests/<uuid:uid>/send/", requests.broadcast_page, name="carer-request-send"),
    path("requests/<uuid:uid>/once/", once.once_page, name="carer-request-once"),
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
