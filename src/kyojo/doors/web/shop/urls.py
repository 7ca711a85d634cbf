"""Pages of participating shops: coupons taken in, and what came of them."""

from django.urls import path

from . import views

urlpatterns = [
    path("shop/", views.home, name="shop"),
    path("shop/<slug:token>/", views.coupon, name="shop-coupon"),
]
