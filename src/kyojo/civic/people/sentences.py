"""What the people room says to people: mails, bases, words of the coin record."""

MAIL_NOTICE_SUBJECT = "{title}｜Kyojo 共助"
MAIL_NOTICE = """{title}

くわしくは、こちらのページをご覧ください。
{url}

このメールは {office} からお送りしています。
困ったときは、お電話ください：{phone}（{hours}）
"""

MAIL_LOGIN_SUBJECT = "ログインのリンク｜Kyojo 共助"
MAIL_LOGIN_OPENINGS = {
    "": "Kyojo 共助のログインのリンクです。",
    "signed_up": "Kyojo 共助へのご登録、ありがとうございます。このリンクで、はじめられます。",
    "registered_before": (
        "このアドレスは、もう Kyojo 共助に登録されています。"
        "登録し直さなくても、このリンクで入れます。"
    ),
}
MAIL_LOGIN = """{opening}
押すと、確認のページが開きます。15分のあいだ、1回だけ使えます。

{url}

心あたりがないときは、このメールを消してください。何も変わりません。
"""

#: Words of the coin record, by what happened to the coins. The page of a visit adds which one.
COINS_HELD = "支援のためにお預かりしました"
COINS_RETURNED = "お預かりを戻しました"
COINS_EXPIRED_HOLD = "期限がすぎて、お預かりを戻しました"
COINS_PAID = "支援のお礼にお渡ししました"
COINS_EARNED = "支援のお礼が届きました"
COINS_DISTRIBUTED = "{municipality}からお届けしました"
COINS_GIVEN = "コインを贈りました"
COINS_GIFT = "コインの贈りものが届きました"
COINS_DONATED = "基金に寄付しました"
COINS_LAPSED = "期限がすぎて、{municipality}に戻りました"
COINS_CORRECTED = "記録を直しました"

#: Coins end soon: said early, and again a fortnight before. Nobody has to use them up.
COINS_END = "{coins}コインは、{day}まで使えます"
COINS_END_BODY = {
    60: (
        "たのみたいことがあれば、お使いください。使わなかったコインは、そのあと{town}に戻ります。"
        "使わないままでも、こまることはありません。"
    ),
    14: (
        "使わなかったコインは、そのあと{town}に戻ります。"
        "もうたのんである支援の分は、お預かりしたままなので、そのまま届きます。"
        "使わないままでも、こまることはありません。"
    ),
}
