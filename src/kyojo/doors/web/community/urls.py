"""Addresses between members: messages, reports, groups, and the page of whoever is suspended."""

from django.urls import path

from . import groups, messages, reports, suspended

urlpatterns = [
    path("messages/", messages.list_page, name="messages"),
    path("messages/<uuid:uid>/", messages.thread_page, name="messages-thread"),
    path("visits/<uuid:uid>/messages/", messages.visit_page, name="visit-messages"),
    path("report/<slug:kind>/<uuid:uid>/", reports.report_page, name="report-new"),
    path(
        "requests/<uuid:uid>/people/<int:town>/<uuid:supporter_uid>/report/",
        reports.card_page,
        name="report-card",
    ),
    path("reports/", reports.own_list, name="reports"),
    path("reports/<uuid:uid>/", reports.own_page, name="report"),
    path("groups/", groups.list_page, name="groups"),
    path("groups/new/", groups.new_page, name="group-new"),
    path("groups/<uuid:uid>/", groups.group_page, name="group"),
    path("groups/<uuid:uid>/join/", groups.join, name="group-join"),
    path("groups/<uuid:uid>/leave/", groups.leave, name="group-leave"),
    path("groups/<uuid:uid>/close/", groups.close, name="group-close"),
    path("groups/<uuid:uid>/post/", groups.post, name="group-post"),
    path("groups/<uuid:uid>/invite/", groups.invite, name="group-invite"),
    path("groups/<uuid:uid>/lead/", groups.lead, name="group-lead"),
    path("groups/posts/<uuid:uid>/remove/", groups.post_remove, name="group-post-remove"),
    path("me/suspension/", suspended.page, name="me-suspension"),
]
