"""How long this room keeps what, and the erasing of what is over."""

from .services import applications_purge, asks_purge

#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "applications": ("都度ボランティアの申し込み", "支援の日から30日"),
    "asks": ("声をかけた記録（さがす順の学習に使うもの）", "2年"),
}


def purge_due() -> dict[str, int]:
    """Erase what is not kept any longer, in the current town; how many of each kind."""
    return {"applications": applications_purge(), "asks": asks_purge()}
