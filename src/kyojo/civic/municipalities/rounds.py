"""Going through all towns in a job: one that fails keeps none of the others waiting."""

import logging
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb

from .models import Municipality
from .tenancy import tenant

log = logging.getLogger(__name__)


class TownsFailed(RuntimeError):
    """Some towns' share of a job was not done. The job fails with it, so that it is seen and
    tried again as jobs are; the others' share is done."""


def towns_each(act: Callable[[int], object], *, job: str) -> None:
    """``act(code)`` for every town, by code. What goes wrong is logged with the town, the
    exception's name and where it was raised, never its message, which may quote somebody's data.

    Raises ``TownsFailed`` after the last town, where one or more failed.
    """
    failed: list[str] = []
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        try:
            act(code)
        except Exception as error:  # noqa: BLE001 (told below: the others must not wait for it)
            name = type(error).__name__
            log.error("%s: town %s failed: %s at %s", job, code, name, _place(error))
            failed.append(f"{code} ({name})")
    if failed:
        raise TownsFailed(f"{job}: {', '.join(failed)}")


def _place(error: BaseException) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def within(*acts: Callable[[], object]) -> Callable[[int], None]:
    """These acts, one after the other, inside a town's ``tenant``: all of them or none."""

    def act(code: int) -> None:
        with tenant(code):
            for one in acts:
                one()

    return act
