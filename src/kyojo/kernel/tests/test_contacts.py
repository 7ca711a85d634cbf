"""What tells how to reach somebody, in the ways people write it; and what only looks like it."""

import pytest

from kyojo.kernel.contacts import ADDRESS, HANDLE, LINK, MAIL, PHONE, contacts_in

FOUND = [
    ("電話は090-1234-5678です", PHONE, "090-1234-5678"),
    ("０９０－１２３４－５６７８", PHONE, "０９０－１２３４－５６７８"),
    ("〇九〇一二三四五六七八に", PHONE, "〇九〇一二三四五六七八"),
    ("〇三の一二三四の五六七八", PHONE, "〇三の一二三四の五六七八"),
    ("090 1234 5678", PHONE, "090 1234 5678"),
    ("090.1234.5678", PHONE, "090.1234.5678"),
    ("(03)1234-5678", PHONE, "03)1234-5678"),
    ("+81 90 1234 5678", PHONE, "+81 90 1234 5678"),
    ("+81(0)90-1234-5678", PHONE, "+81(0)90-1234-5678"),
    ("0\u200b90\u200b1234\u200b5678", PHONE, "0\u200b90\u200b1234\u200b5678"),
    ("ぜろきゅうぜろ いちにさんよん ごろくななはち", PHONE, None),
    ("ゼロ９ゼロの１２３４の５６７８", PHONE, None),
    ("電話 23-4567 へ", PHONE, "電話 23-4567"),
    ("TEL：234-5678", PHONE, "TEL：234-5678"),
    ("hana@example.jp", MAIL, "hana@example.jp"),
    ("ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ", MAIL, "ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ"),
    ("hana アットマーク example ドット jp", MAIL, "hana アットマーク example ドット jp"),
    ("hana(at)example.jp", MAIL, "hana(at)example.jp"),
    ("https://example.jp/me", LINK, "https://example.jp/me"),
    ("lin.ee/AbCd1234", LINK, "lin.ee/AbCd1234"),
    ("LINEのIDはhana_kaze", HANDLE, "LINEのIDはhana_kaze"),
    ("ライン：hanakaze7", HANDLE, "ライン：hanakaze7"),
    ("ＬＩＮＥ＠hanakaze", HANDLE, "ＬＩＮＥ＠hanakaze"),
    ("@hana.kaze まで", HANDLE, "@hana.kaze"),
    ("〒999-0001", ADDRESS, "〒999-0001"),
    ("見本町1-2-3にいます", ADDRESS, "見本町1-2-3"),
    ("緑町二丁目", ADDRESS, "緑町二丁目"),
    ("川上12番地", ADDRESS, "川上12番地"),
]
NOTHING = [
    "",
    "ありがとうございました。10時から12時まで、2時間でした",
    "2026-11-20 10:30 に来てくれました",
    "2026年11月20日、09:30〜10:30",
    "3-4回お願いしたいです。1-2-3で持ち上げました",
    "1,000円のお米を2つ、合計12,345,678,901グラム",
    "三人で、二階まで運びました。一番よかったです",
    "LINEで送ってもらいました",
    "あっという間でした。いちばんうれしい",
    "さん、し、ごと数えながら体操しました",
    "A.B.さんが来ました。Wi-Fiを直してくれました",
    "電話の使い方を教えてくれました。電話は2回",
    "101号室、会員番号 M-10012",
]


@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_contacts_are_found(text, kind, words):
    [one] = contacts_in(text)
    assert one.kind == kind
    assert words is None or one.words == words


@pytest.mark.parametrize("text", NOTHING)
def test_other_words_pass(text):
    assert contacts_in(text) == []


def test_several_in_the_order_they_stand():
    found = contacts_in("hana@example.jp か 090-1234-5678、家は見本町1-2-3")
    assert [one.kind for one in found] == [MAIL, PHONE, ADDRESS]
