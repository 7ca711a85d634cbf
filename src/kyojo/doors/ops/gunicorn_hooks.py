"""What gunicorn calls in each worker; the settings it is started with name this module.

The first look at a town reads all its supporters, which takes seconds where they are a hundred
thousand. So each worker reads the largest towns by itself once it serves; pages that need a town
meanwhile wait for the same reading.
"""

import os
import threading
from typing import Any

#: How many towns each worker reads when it begins; 0: none.
SETTING, USUAL = "KYOJO_WARM_TOWNS", 3


def towns_to_warm() -> int:
    """As the environment says; what is no number counts as none."""
    value = os.environ.get(SETTING, str(USUAL))
    return int(value) if value.isdecimal() else 0


def post_worker_init(worker: Any) -> None:
    """gunicorn: the worker has loaded the application and is about to serve."""
    warm_up_begin()


def warm_up_begin() -> threading.Thread | None:
    """Begin to read beside whatever is served; the thread, or None where it is switched off. It
    ends with the process, whether it is done or not."""
    most = towns_to_warm()
    if not most:
        return None
    thread = threading.Thread(target=_warm_up, args=(most,), name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm_up(most: int) -> None:
    from django.db import connections

    from kyojo.help.matching.warming import warm_up

    try:
        warm_up(most)
    finally:
        connections.close_all()
