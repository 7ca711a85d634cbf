"""Badges and certificates: one's own, and what anybody may look at and check."""

from django.urls import path

from . import certificates, company, issuer, own, public

urlpatterns = [
    path("me/badges/", own.badges, name="me-badges"),
    path("me/badges/<uuid:uid>/", own.badge, name="me-badge"),
    path("me/badges/<uuid:uid>/badge.<slug:form>", own.badge_file, name="me-badge-file"),
    path("me/certificates/", certificates.mine, name="me-certificates"),
    path("me/certificates/<uuid:uid>.pdf", certificates.paper, name="me-certificate-paper"),
    path("workplace/certificates/", company.certificates, name="workplace-certificates"),
    path(
        "workplace/certificates/<int:town>/<uuid:uid>.pdf",
        company.paper,
        name="workplace-certificate-paper",
    ),
    path("badges/<uuid:uid>/", public.badge, name="badge"),
    path("badges/<uuid:uid>/credential.<slug:form>", public.badge_file, name="badge-file"),
    path("certificates/<str:code>/", public.certificate, name="certificate"),
    path(
        "certificates/<str:code>/credential.jwt", public.certificate_file, name="certificate-file"
    ),
    path("badges/issuer/<slug:slug>/", issuer.profile, name="badge-issuer"),
    path("badges/issuer/<slug:slug>/keys/<str:kid>", issuer.key, name="badge-key"),
    path("badges/issuer/<slug:slug>/jwks.json", issuer.keys, name="badge-keys"),
    path("badges/issuer/<slug:slug>/status/<int:number>", issuer.status, name="badge-status"),
    path(
        "badges/issuer/<slug:slug>/achievements/<slug:code>/",
        issuer.achievement,
        name="badge-achievement",
    ),
    path(
        "badges/issuer/<slug:slug>/achievements/<slug:code>/image.svg",
        issuer.image,
        name="badge-image",
    ),
]
