"""Going through all towns in a job: one that fails keeps none of the others waiting."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from .models import Municipality
from .tenancy import tenant

log = logging.getLogger(__name__)
R = TypeVar("R")


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


def each_in_towns(
    due: Callable[[], Iterable[UUID]], act: Callable[[UUID], R], *, job: str
) -> list[R]:
    """What ``act(uid)`` returns for everything that ``due()`` finds in each town, each in a
    transaction of its own inside the town's ``tenant``: what fails keeps neither the rest of its
    town nor other towns waiting. Raises ``TownsFailed`` afterwards, where something failed."""
    done: list[R] = []

    def town(code: int) -> None:
        with tenant(code):
            uids = list(due())
        failed: list[Exception] = []
        for uid in uids:
            try:
                with transaction.atomic(), tenant(code):
                    done.append(act(uid))
            except Exception as error:  # noqa: BLE001 (raised below: the others must not wait)
                failed.append(error)
        if failed:
            raise failed[0]

    towns_each(town, job=job)
    return done


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
