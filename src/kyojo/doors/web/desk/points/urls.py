"""Addresses of ポイントとスタンプ, under /desk/points/; ``access.staff`` guards every view."""

from django.urls import path

from . import (
    applications,
    bank,
    cards,
    circulating_urls,
    closing,
    ending,
    home,
    leaving,
    members,
    office_account,
    paid_urls,
    papers,
    paying,
    records,
    rule_tables,
    rules,
    shop_urls,
    stock,
)

BASE = "desk/points/"
RECORDS = BASE + "<slug:code>/records/"
APPLICATIONS = BASE + "<slug:code>/applications/"

urlpatterns = [
    path(BASE, home.home, name="desk-points"),
    path(BASE + "rules/", rules.listed, name="desk-rules-all"),
    path(BASE + "rules/new/<slug:code>/", rules.new_programme, name="desk-rules-new"),
    path(BASE + "rules/new/<slug:code>/form/", rules.begin_programme, name="desk-rules-begin"),
    path(BASE + "rules/<slug:code>/", rules.one, name="desk-rules-one"),
    path(BASE + "rules/<slug:code>/version/", rules.new_version, name="desk-rules-version"),
    path(
        BASE + "rules/<slug:code>/<int:version>/outline.<slug:form>",
        papers.outline_of,
        name="desk-rules-outline",
    ),
    path(
        BASE + "rules/<slug:code>/<int:version>/compared.<slug:form>",
        papers.compared,
        name="desk-rules-compared",
    ),
    path(BASE + "rules/<slug:code>/figures/", rules.figures, name="desk-rules-figures"),
    path(BASE + "rules/<slug:code>/tables/", rule_tables.listed, name="desk-rules-tables"),
    path(
        BASE + "rules/<slug:code>/tables/<slug:table>/",
        rule_tables.add,
        name="desk-rules-table",
    ),
    path(BASE + "members/<uuid:uid>/", members.one, name="desk-points-member"),
    path(BASE + "members/<uuid:uid>/birth/", members.born, name="desk-points-member-born"),
    path(BASE + "members/<uuid:uid>/leaving/", leaving.one, name="desk-points-leaving"),
    path(
        BASE + "members/<uuid:uid>/leaving/<slug:code>/<int:year>/<int:month>/",
        ending.bill,
        name="desk-points-leaving-bill",
    ),
    path(BASE + "members/<uuid:uid>/leaving/end/", ending.end, name="desk-points-leaving-end"),
    path(BASE + "members/<uuid:uid>/left.pdf", leaving.paper, name="desk-points-left-pdf"),
    path(BASE + "members/<uuid:uid>/left/", leaving.done, name="desk-points-left"),
    path(
        BASE + "<slug:code>/members/<uuid:uid>/card.pdf",
        cards.stamp_card,
        name="desk-points-card",
    ),
    path(
        BASE + "<slug:code>/members/<uuid:uid>/book.pdf",
        cards.passbook,
        name="desk-points-book",
    ),
    path(RECORDS, records.listed, name="desk-points-records"),
    path(RECORDS + "new/", records.new, name="desk-points-record-new"),
    path(RECORDS + "<uuid:uid>/", records.one, name="desk-points-record"),
    path(RECORDS + "<uuid:uid>/void/", records.void, name="desk-points-record-void"),
    path(APPLICATIONS, applications.listed, name="desk-points-applications"),
    path(APPLICATIONS + "bank/", bank.transfers, name="desk-points-bank"),
    path(APPLICATIONS + "paid/", paying.done, name="desk-points-paid"),
    path(APPLICATIONS + "<uuid:uid>/", applications.one, name="desk-points-application"),
    path(
        APPLICATIONS + "<uuid:uid>/approve/",
        applications.approve,
        name="desk-points-approve",
    ),
    path(APPLICATIONS + "<uuid:uid>/refuse/", applications.refuse, name="desk-points-refuse"),
    path(APPLICATIONS + "<uuid:uid>/done/", applications.done, name="desk-points-done"),
    path(BASE + "<slug:code>/account/", office_account.one, name="desk-points-account"),
    path(BASE + "<slug:code>/stock/", stock.one, name="desk-points-stock"),
    path(BASE + "<slug:code>/closing/<int:year>/", closing.one, name="desk-points-closing"),
    *circulating_urls.urlpatterns,
    *paid_urls.urlpatterns,
    *shop_urls.urlpatterns,
]
