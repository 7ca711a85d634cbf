"""What only a demo town has: a clock that can be moved, and the people one can be."""

from django.db import models

from kyojo.civic.people.models import User


class DemoClock(models.Model):
    """How far the demo's clock is ahead of the real one. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset_seconds = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"DemoClock +{self.offset_seconds} s"


class DemoRole(models.Model):
    """A person one can be in the demo, with a line that says what there is to do."""

    key = models.SlugField(primary_key=True, max_length=40)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    group = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    story = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"DemoRole {self.key}"
