"""A visitor of the guide: answers as they stand in an address, and how a page is read."""

import re

from django.test import Client

YES = {
    "ties_not_enough": "yes",
    "heavier_help_wanted": "yes",
    "less_money_wanted": "yes",
    "someone_runs_it": "yes",
}
CLOSE = {"closeness": "thin"}
PAID = {"closeness": "medium", "weight": "medium"}
#: Fuel is paid, in 2026: type A.
RIDE = {
    "carried": "hard_to_move",
    "operator": "nonprofit",
    "received": "costs",
    "costs": "fuel",
    "cashable": "",
    "as_of_year": "令和7",
    "as_of_month": "1",
    "as_of_day": "15",
}
WAGE = {
    "hourly_yen": "800",
    "prefecture": "東京都",
    "on_year": "2026",
    "on_month": "4",
    "on_day": "1",
}
SCHEME = {
    "sample": "ticket",
    "prefecture": "東京都",
    "as_of_year": "2025",
    "as_of_month": "4",
    "as_of_day": "1",
}


def get(address: str, told: dict | None = None, status: int = 200) -> str:
    answer = Client().get(f"/guide/{address}", told or {})
    assert answer.status_code == status
    return answer.content.decode()


def banner(page: str) -> tuple[str, str]:
    """The kind and the title of the first banner of the page."""
    found = re.search(
        r'class="banner(?: banner--)?(\w*)".*?class="banner__title">(.*?)<', page, re.S
    )
    assert found is not None
    return found[1], found[2]


def error(page: str, field: str) -> str:
    """The error beside a field, "" if it has none; the summary leads to the field."""
    found = re.search(rf'id="id_{field}-error">.*?<span>(.*?)</span>', page, re.S)
    assert not found or re.search(rf'role="alert".*?href="#id_{field}', page, re.S)
    return found[1] if found else ""
