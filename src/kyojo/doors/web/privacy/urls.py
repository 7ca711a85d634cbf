"""わたしのデータ: what is held about oneself, taking it away, having it erased."""

from django.urls import path

from . import consents, erasing, taking, views

urlpatterns = [
    path("me/data/", views.data_page, name="me-data"),
    path("me/data/consents/", consents.consents_page, name="me-data-consents"),
    path("me/data/consents/<slug:kind>/", consents.answer, name="me-data-consent"),
    path("me/data/mine/", taking.mine_page, name="me-data-mine"),
    path("me/data/mine.json", taking.mine_file, name="me-data-file"),
    path("me/data/mine.pdf", taking.mine_paper, name="me-data-paper"),
    path("me/data/kept/", views.kept_page, name="me-data-kept"),
    path("town/<slug:slug>/kept/", views.town_kept, name="town-kept"),
    path("me/data/erase/", erasing.erase_page, name="me-data-erase"),
    path("me/data/erase/withdraw/", erasing.withdraw, name="me-data-erase-withdraw"),
]
