"""Columns that are sealed: plain in Python, ciphertext in the database (``sealing``).

They can be read, written and asked whether they are empty, and nothing else: no query can look for
what they say. In migrations they are plain binary columns.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact

from .sealing import seal_bytes, unseal_bytes


class _Nothing(Exact):
    """``column=None``, and no other value: the same words are never the same ciphertext."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs is not None:
            raise FieldError(f"Unsupported lookup: {lhs.target.name} is sealed")
        super().__init__(lhs, rhs)


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A sealed column. Subclasses say how a value is written as text, and read from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        if "default" in kwargs:
            kwargs["default"] = b""
        return name, "django.db.models.BinaryField", args, kwargs

    def _check_str_default_value(self) -> list[Any]:
        return []  # Django wants bytes for the default of a binary column: ours is plain

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _Nothing
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        return None

    def get_default(self) -> Any:
        if not self.has_default():
            return None
        return self.default() if callable(self.default) else self.default

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        sealed = bytes(value)
        return self.read(unseal_bytes(sealed).decode()) if sealed else self.nothing()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or isinstance(value, bytes | memoryview):
            return super().get_db_prep_value(value, connection, prepared)
        text = self.write(value)
        sealed = seal_bytes(text.encode()) if text else b""
        return super().get_db_prep_value(sealed, connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def nothing(self) -> Any:
        """What an empty column that is not NULL says: nothing is hidden in it."""
        return None

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> str:
        raise NotImplementedError


class SealedText(SealedField):
    """Words. Empty ones are stored as nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def nothing(self) -> str:
        return ""

    def read(self, text: str) -> str:
        return text

    def write(self, value: Any) -> str:
        return str(value)


class SealedFloat(SealedField):
    """A number, as a coordinate is one; NULL where there is none."""

    def read(self, text: str) -> float:
        return float(text)

    def write(self, value: Any) -> str:
        return repr(float(value))


class SealedDate(SealedField):
    """A day; NULL where there is none."""

    def read(self, text: str) -> date:
        return date.fromisoformat(text)

    def write(self, value: Any) -> str:
        return str(value.isoformat())


class SealedJSON(SealedField):
    """What JSON can say of one thing, by name. An empty one is stored as nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def nothing(self) -> dict[str, Any]:
        return {}

    def read(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(text)
        return found

    def write(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""
