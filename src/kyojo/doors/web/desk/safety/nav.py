"""The pages of 安全, as links on each of them."""

from django.urls import reverse

PAGES = (
    ("desk-safety", "助けを求める知らせ", "home"),
    ("desk-lates", "連絡のない支援", "late"),
    ("desk-worries", "気になること", "worries"),
    ("desk-accidents", "事故の報告", "accidents"),
    ("desk-cards", "来る人のカード", "cards"),
    ("desk-roster", "保険の名簿", "roster"),
    ("desk-centres", "支援センター", "centres"),
    ("desk-oncall", "当番", "oncall"),
)


def nav() -> list[tuple[str, str, str]]:
    """(address, label, key)"""
    return [(reverse(name), label, key) for name, label, key in PAGES]
