"""Coming in, and everything about oneself (わたし)."""

from django.urls import path

from . import blocks, coming_in, company, home, me, news, offering, places, signing_up

urlpatterns = [
    path("login/", coming_in.login_page, name="login"),
    path("login/sent/", coming_in.sent_page, name="login-sent"),
    path("login/link/", coming_in.link_page, name="login-link"),
    path("logout/", coming_in.logout_page, name="logout"),
    path("signup/", signing_up.signup_page, name="signup"),
    path("signup/sent/", signing_up.sent_page, name="signup-sent"),
    path("me/", me.hub_page, name="me"),
    path("me/name/", me.name_page, name="me-name"),
    path("me/roles/", me.roles_page, name="me-roles"),
    path("me/coins/", me.coins_page, name="me-coins"),
    path("me/skills/", offering.skills_page, name="me-skills"),
    path("me/times/", offering.times_page, name="me-times"),
    path("me/times/add/", offering.time_add, name="me-time-add"),
    path("me/times/remove/", offering.time_remove, name="me-time-remove"),
    path("me/times/day/", offering.day_add, name="me-day-add"),
    path("me/times/day/<int:pk>/remove/", offering.day_remove, name="me-day-remove"),
    path("me/asks/", offering.asks_page, name="me-asks"),
    path("me/asks/rest/", offering.rest_page, name="me-rest"),
    path("me/home/", home.home_page, name="me-home"),
    path("me/places/", places.places_page, name="me-places"),
    path("me/places/<uuid:uid>/", places.place_page, name="me-place"),
    path("me/places/<uuid:uid>/remove/", places.place_remove, name="me-place-remove"),
    path("me/news/", news.news_page, name="me-news"),
    path("me/news/read/", news.news_read, name="me-news-read"),
    path("me/news/<int:pk>/", news.news_open, name="me-news-open"),
    path("me/company/", company.company_page, name="me-company"),
    path("me/company/<uuid:uid>/consent/", company.consent, name="me-company-consent"),
    path("me/company/<uuid:uid>/end/", company.end_page, name="me-company-end"),
    path("me/blocks/", blocks.blocks_page, name="me-blocks"),
    path("me/blocks/<uuid:uid>/add/", blocks.block_new, name="me-block-add"),
    path("me/blocks/<uuid:uid>/remove/", blocks.block_undo, name="me-block-remove"),
]
