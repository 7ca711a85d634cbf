"""Reading the largest towns before anybody looks for candidates there."""

import logging

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.selectors import supporters_count

from . import live

log = logging.getLogger(__name__)


def warm_up(most: int) -> list[int]:
    """Read the ``most`` largest towns into this process. Outside any ``tenant``. Returns their
    codes, the largest first; a town that fails is left out: a page that needs it reads it."""
    sizes = []
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            sizes.append((-supporters_count(), code))
    read = []
    for size, code in sorted(sizes)[:most]:
        if not size:
            break
        try:
            with tenant(code):
                live.population()
        except Exception as error:  # noqa: BLE001 (only the first look there is slower)
            log.warning("warming up: town %s failed: %s", code, type(error).__name__)
        else:
            read.append(code)
    return read
