"""Addresses of the desk. Every view is guarded by ``access.staff``."""

from django.urls import path

from . import asking, clearing, coins, members, records, requests, today, visits
from .points.urls import urlpatterns as points

urlpatterns = [
    path("desk/", today.home, name="desk-home"),
    path("desk/requests/", requests.listed, name="desk-requests"),
    path("desk/requests/asking/", asking.home, name="desk-asking"),
    path("desk/requests/<uuid:uid>/", requests.one, name="desk-request"),
    path("desk/requests/<uuid:uid>/find/", requests.find, name="desk-find"),
    path(
        "desk/requests/<uuid:uid>/assign/<int:town>/<uuid:supporter>/",
        requests.assign,
        name="desk-assign",
    ),
    path("desk/requests/<uuid:uid>/cancel/", requests.cancel, name="desk-request-cancel"),
    path("desk/visits/", visits.listed, name="desk-visits"),
    path("desk/visits/<uuid:uid>/", visits.one, name="desk-visit"),
    path("desk/visits/<uuid:uid>/consent/", visits.consent, name="desk-consent"),
    path("desk/visits/<uuid:uid>/settle/", visits.settle, name="desk-settle"),
    path("desk/visits/<uuid:uid>/word/<slug:moment>/", visits.office_word, name="desk-word"),
    path("desk/visits/<uuid:uid>/no-show/", visits.no_show, name="desk-no-show"),
    path("desk/visits/<uuid:uid>/cancel/", visits.cancel, name="desk-visit-cancel"),
    path("desk/members/", members.listed, name="desk-members"),
    path("desk/members/new/", members.new, name="desk-member-new"),
    path("desk/members/<uuid:uid>/", members.one, name="desk-member"),
    path("desk/members/<uuid:uid>/check/", members.check, name="desk-member-check"),
    path("desk/coins/", coins.home, name="desk-coins"),
    path("desk/coins/issue/<uuid:uid>/", coins.issuance, name="desk-issuance"),
    path(
        "desk/coins/issue/<uuid:uid>/approve/",
        coins.issuance_approve,
        name="desk-issuance-approve",
    ),
    path("desk/coins/issue/<uuid:uid>/cancel/", coins.issuance_cancel, name="desk-issuance-cancel"),
    path("desk/coins/distribute/", coins.upload, name="desk-upload"),
    path("desk/coins/distribute/<uuid:uid>/", coins.distribution, name="desk-distribution"),
    path(
        "desk/coins/distribute/<uuid:uid>/approve/",
        coins.distribution_approve,
        name="desk-distribution-approve",
    ),
    path(
        "desk/coins/distribute/<uuid:uid>/cancel/",
        coins.distribution_cancel,
        name="desk-distribution-cancel",
    ),
    path(
        "desk/coins/distribute/<uuid:uid>/problems.xlsx",
        coins.distribution_problems,
        name="desk-distribution-problems",
    ),
    path("desk/clearing/", clearing.home, name="desk-clearing"),
    path("desk/clearing/<int:town>/", clearing.pair, name="desk-clearing-pair"),
    path(
        "desk/clearing/<int:town>/<int:year>-<int:month>/",
        clearing.month,
        name="desk-clearing-month",
    ),
    path("desk/clearing/<uuid:uid>/agree/", clearing.agree, name="desk-clearing-agree"),
    path("desk/clearing/<uuid:uid>/settle/", clearing.settle, name="desk-clearing-settle"),
    path("desk/clearing/<uuid:uid>/pay/", clearing.pay, name="desk-clearing-pay"),
    *points,
    path("desk/acts/", records.acts_listed, name="desk-acts"),
    path("desk/rules/", records.rules, name="desk-rules"),
]
