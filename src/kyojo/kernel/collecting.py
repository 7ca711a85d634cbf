"""Python's collector of circular garbage, kept still where it can only cost time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def circles_left() -> Iterator[None]:
    """Within the block no circles of objects are looked for, in the whole process. Where two
    threads are in it at once, the first that leaves ends it for both."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
