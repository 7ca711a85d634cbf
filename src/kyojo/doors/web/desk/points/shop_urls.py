"""Addresses of participating shops and their coupons, under /desk/points/<code>/."""

from django.urls import path

from . import coupons, shops

ONE = "desk/points/<slug:code>/"
SHOPS, COUPONS = ONE + "shops/", ONE + "coupons/"
MONTH = SHOPS + "<int:year>/<int:month>/"
APPLICATION = ONE + "applications/<uuid:uid>/"

urlpatterns = [
    path(SHOPS, shops.listed, name="desk-points-shops"),
    path(SHOPS + "new/", shops.new, name="desk-points-shop-new"),
    path(SHOPS + "<uuid:uid>/", shops.one, name="desk-points-shop"),
    path(SHOPS + "<uuid:uid>/end/", shops.end, name="desk-points-shop-end"),
    path(MONTH, shops.month, name="desk-points-shop-month"),
    path(MONTH + "bank/", shops.transfers, name="desk-points-shop-bank"),
    path(COUPONS, coupons.listed, name="desk-points-coupons"),
    path(COUPONS + "<slug:token>/", coupons.one, name="desk-points-coupon"),
    path(COUPONS + "<slug:token>/void/", coupons.void, name="desk-points-coupon-void"),
    path(COUPONS + "<slug:token>/untake/", coupons.untake, name="desk-points-coupon-untake"),
    path(APPLICATION + "coupons/", coupons.make, name="desk-points-coupons-make"),
    path(APPLICATION + "coupons.pdf", coupons.paper, name="desk-points-coupons-paper"),
]
