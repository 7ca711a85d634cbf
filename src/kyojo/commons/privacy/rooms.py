"""The rooms that hold something of people, from the highest down to people itself.

A room offers what it has: ``forgetting.person_forget(*, person, by, basis)`` and
``forgetting.person_stops(person)``, ``own_data.person_data(person)``, ``retention.KINDS``. Nothing
is registered anywhere: who adds a table adds the function beside it.
"""

from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule


@cache
def rooms_with(module: str) -> dict[str, ModuleType]:
    """Room (its app's label) → its ``module``, for every room that has one, upper rooms first."""
    found = {}
    for config in reversed(list(apps.get_app_configs())):
        if config.name.startswith("kyojo.") and module_has_submodule(
            config.module or import_module(config.name), module
        ):
            found[config.label] = import_module(f"{config.name}.{module}")
    return found
