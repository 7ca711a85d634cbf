"""Numbers that are given once: K-1001 for worries, J-1001 for accidents."""

from ..models import Counter


def number_next(kind: str) -> str:
    """The next number of ``kind`` in this municipality; the caller's transaction holds the lock."""
    Counter.objects.get_or_create(kind=kind)
    row = Counter.objects.select_for_update().get(kind=kind)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{kind}-{row.last}"
