from django.urls import path

from . import views

urlpatterns = [
    path("demo/", views.people, name="demo"),
    path("demo/be/", views.be, name="demo-be"),
    path("demo/clock/", views.move_clock, name="demo-clock"),
    path("demo/leave/", views.leave, name="demo-leave"),
]
