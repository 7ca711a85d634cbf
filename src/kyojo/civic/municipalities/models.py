"""Municipalities, their areas, operators and places."""

from django.db import models

from .tenancy import TenantModel


class Municipality(models.Model):
    """A municipality (自治体) that runs Kyojo. Known to everyone, so no row-level security.

    ``id`` is its six-digit code (全国地方公共団体コード, check digit included) and is also the
    number of its coin ledger.
    """

    id = models.PositiveIntegerField(primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_kana = models.CharField(max_length=80)
    prefecture = models.CharField(max_length=20)
    office_name = models.CharField(max_length=60)
    office_phone = models.CharField(max_length=20)
    office_hours = models.CharField(max_length=60)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        ordering = ("name_kana",)

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        return f"{self.id:06d}"


class Area(TenantModel):
    """An area (圏域): the municipality (layer 1), a living area (layer 2), or a neighbourhood
    association (no layer)."""

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", "自治体"
        LIVING_AREA = "living_area", "日常生活圏域"
        NEIGHBOURHOOD = "neighbourhood", "自治会・町内会"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    name_kana = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    #: GeoJSON Polygon or MultiPolygon, WGS 84 / JGD2011 degrees, longitude first.
    geometry = models.JSONField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("kind", "name_kana", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "kind", "code"), name="area_code_once_per_kind"
            ),
        )

    @property
    def layer(self) -> int | None:
        return {self.Kind.MUNICIPALITY: 1, self.Kind.LIVING_AREA: 2}.get(self.Kind(self.kind))


class Operator(TenantModel):
    """Who runs a programme (運営主体): the municipality, a social-welfare council, an NPO …"""

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", "自治体"
        WELFARE_COUNCIL = "welfare_council", "社会福祉協議会"
        FOUNDATION = "foundation", "財団"
        NPO = "npo", "NPO法人"
        NEIGHBOURHOOD = "neighbourhood", "自治会・町内会"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=80)
    name_kana = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("name_kana",)
        constraints = (
            models.UniqueConstraint(fields=("municipality", "name"), name="operator_name_once"),
        )


class Place(TenantModel):
    """A facility from the municipality's list (公共施設一覧) or a gathering place (居場所)."""

    number = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    name_kana = models.CharField(max_length=200, blank=True)
    alias = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    building = models.CharField(max_length=120, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    phone = models.CharField(max_length=40, blank=True)
    #: Days and hours as published, never interpreted here.
    opening_note = models.TextField(blank=True)
    description = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    managed_by = models.CharField(max_length=120, blank=True)
    remark = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ("name_kana", "number")
        constraints = (
            models.UniqueConstraint(fields=("municipality", "number"), name="place_number_once"),
        )
