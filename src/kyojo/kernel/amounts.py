"""Amounts of coins: whole numbers, never floats."""

COINS_MAX = 2**53  # what JSON and spreadsheets still carry exactly


def grouped(amount: int) -> str:
    """12480 → ``12,480``."""
    return f"{amount:,}"


def signed(amount: int) -> str:
    """A difference: ``＋1,200``, ``－300``, ``0``."""
    return f"{'＋' if amount > 0 else '－'}{grouped(abs(amount))}" if amount else "0"


def per_thousand(amount: int, people: int) -> int:
    """``amount`` per 1,000 ``people``, rounded half up; 0 people give 0."""
    return (amount * 1000 + people // 2) // people if people > 0 else 0
