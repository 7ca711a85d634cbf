"""Photos that a supporter takes at a visit."""

from django.db import models

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock


class Photo(TenantModel):
    """A picture of the work, as evidence. Stands in the place's town, encrypted, until
    ``purge_at``; that there was one stays as ``Evidence`` with the same ``nonce``.
    """

    uid = models.UUIDField(unique=True)  # the nonce of its evidence
    visit_uid = models.UUIDField(db_index=True)
    moment = models.CharField(max_length=8)  # start, end
    taken_by_uid = models.UUIDField()
    at = models.DateTimeField(default=clock.now)
    picture_encrypted = models.BinaryField(null=True)
    purge_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "id")
