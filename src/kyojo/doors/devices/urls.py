"""Addresses for machines."""

from django.urls import path

from . import chirpstack

urlpatterns = [
    path("devices/<int:town>/chirpstack/", chirpstack.event, name="devices-chirpstack"),
]
