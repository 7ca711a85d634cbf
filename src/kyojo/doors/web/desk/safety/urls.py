"""Addresses of 安全 at the desk."""

from django.urls import path

from . import accidents, cards, centres, emergencies, lates, oncall, ready, roster, worries

urlpatterns = [
    path("desk/safety/", emergencies.listed, name="desk-safety"),
    path("desk/safety/alert/", emergencies.alert, name="desk-safety-alert"),
    path("desk/safety/emergencies/<uuid:uid>/", emergencies.one, name="desk-emergency"),
    path("desk/safety/emergencies/<uuid:uid>/take/", emergencies.take, name="desk-emergency-take"),
    path("desk/safety/emergencies/<uuid:uid>/note/", emergencies.note, name="desk-emergency-note"),
    path(
        "desk/safety/emergencies/<uuid:uid>/close/", emergencies.close, name="desk-emergency-close"
    ),
    path("desk/safety/oncall/", oncall.listed, name="desk-oncall"),
    path("desk/safety/oncall/<uuid:uid>/", oncall.change, name="desk-oncall-change"),
    path("desk/safety/oncall/<uuid:uid>/move/", oncall.move, name="desk-oncall-move"),
    path("desk/safety/oncall/<uuid:uid>/remove/", oncall.remove, name="desk-oncall-remove"),
    path("desk/safety/late/", lates.listed, name="desk-lates"),
    path("desk/safety/late/<int:pk>/take/", lates.take, name="desk-late-take"),
    path("desk/safety/late/<int:pk>/resolve/", lates.resolve, name="desk-late-resolve"),
    path("desk/safety/worries/", worries.listed, name="desk-worries"),
    path("desk/safety/worries/<uuid:uid>/", worries.one, name="desk-worry"),
    path("desk/safety/worries/<uuid:uid>/paper.pdf", worries.paper, name="desk-worry-paper"),
    path("desk/safety/worries/<uuid:uid>/act/", worries.act, name="desk-worry-act"),
    path("desk/safety/accidents/", accidents.listed, name="desk-accidents"),
    path("desk/safety/accidents/<uuid:uid>/", accidents.one, name="desk-accident"),
    path(
        "desk/safety/accidents/<uuid:uid>/part/<int:number>/",
        accidents.part,
        name="desk-accident-part",
    ),
    path("desk/safety/accidents/<uuid:uid>/act/", accidents.act, name="desk-accident-act"),
    path("desk/safety/accidents/<uuid:uid>/paper.pdf", accidents.paper, name="desk-accident-paper"),
    path("desk/visits/<uuid:uid>/met/", ready.met, name="desk-visit-met"),
    path("desk/visits/<uuid:uid>/second/", ready.second, name="desk-visit-second"),
    path("desk/safety/cards/", cards.listed, name="desk-cards"),
    path("desk/safety/roster/", roster.home, name="desk-roster"),
    path("desk/safety/roster/<uuid:uid>/", roster.copy, name="desk-roster-copy"),
    path("desk/safety/centres/", centres.listed, name="desk-centres"),
    path("desk/safety/centres/<uuid:uid>/", centres.change, name="desk-centre"),
    path("desk/safety/centres/<uuid:uid>/end/", centres.end, name="desk-centre-end"),
]
