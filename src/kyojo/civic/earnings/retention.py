"""How long this room keeps what. Bank accounts are erased by the room's own job."""

#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "books": (
        "お金の記録（請求、入金、払い出し）",
        "年度の終わりから7年。消去した方の分は、お名前なし",
    ),
    "bank_accounts": ("振り込みの口座", "振り込んだ日から1年"),
}
