"""Which human a login of the desk is, and who from elsewhere decides appeals. Imported by
``models``."""

from django.db import models
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import TenantModel
from kyojo.kernel import clock

from .models import User


class StaffNumber(TenantModel):
    """The number under which a human works for this municipality (職員番号): one login has one, and
    nobody has two logins, so that where two people must act it is two."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=20)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("municipality", "user"), name="staff_number_of_login"),
            models.UniqueConstraint(fields=("municipality", "number"), name="staff_number_once"),
        )


class AppealOfficer(TenantModel):
    """Somebody who does not work at this desk and decides objections to rulings (異議をみる人): an
    officer of the next town, say. They have no role here, and see nothing but open appeals."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    name_kana = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name_kana", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("municipality", "user"),
                condition=Q(ended_at__isnull=True),
                name="one_standing_appeal_officer",
            ),
        )
