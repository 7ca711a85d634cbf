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

#: Coins that were held over their last day come back.
COINS_AGAIN = "お預かりから戻った{coins}コインは、{day}まで使えます"
COINS_AGAIN_BODY = (
    "お預かりしている間に期限がすぎたので、使える日をのばしました。手続きはいりません。"
)

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

#: What a login's owner hears of its keys, by what happened.
MAIL_SECURITY_SUBJECTS = {
    "factor_added": "ログインの鍵が増えました｜Kyojo 共助",
    "factor_removed": "ログインの鍵を消しました｜Kyojo 共助",
    "tries_many": "確認のこたえが、何度もちがいました｜Kyojo 共助",
    "recovery_used": "控えの番号が使われました｜Kyojo 共助",
    "reset_asked": "ログインの鍵を消す手続きが始まりました｜Kyojo 共助",
    "reset_done": "ログインの鍵を消しました｜Kyojo 共助",
    "reset_refused": "ログインの鍵は、そのままです｜Kyojo 共助",
    "device_new": "はじめての機械で、ログインがありました｜Kyojo 共助",
    "mail_asked": "メールアドレスを変える手続きが始まりました｜Kyojo 共助",
    "mail_changed": "メールアドレスが変わりました｜Kyojo 共助",
    "mail_undone": "メールアドレスを元に戻しました｜Kyojo 共助",
}
MAIL_SECURITY_WORDS = {
    "factor_added": "あなたのログインに、新しい鍵（パスキーかアプリの数字）が登録されました。",
    "factor_removed": "あなたのログインから、鍵が消されました。",
    "tries_many": (
        "あなたのログインで、確認の数字か質問のこたえが、続けてちがいました。"
        "しばらくのあいだ、新しいこたえを受け付けません。"
    ),
    "recovery_used": (
        "あなたのログインで、控えの番号が1つ使われました。使った番号は、もう使えません。"
    ),
    "reset_asked": (
        "職員があなたの顔と証明書を確かめ、ログインの鍵を消す手続きを始めました。"
        "もう1人の職員が認めると、鍵が消えます。"
    ),
    "reset_done": (
        "職員2人の確認で、あなたのログインの鍵をすべて消しました。"
        "次に入るときに、新しい鍵を作ってください。"
    ),
    "reset_refused": "ログインの鍵を消す手続きは、とりやめになりました。鍵はそのまま使えます。",
    "device_new": "これまで使っていない機械（スマートフォンやパソコン）で、ログインがありました。",
    "mail_asked": (
        "あなたのログインのメールアドレスを、別のアドレスに変える手続きが始まりました。"
        "新しいアドレスにとどく数字を入れると、変わります。いまは、まだ変わっていません。"
    ),
    "mail_changed": (
        "あなたのログインのメールアドレスが、新しいアドレスに変わりました。"
        "このアドレスには、これからはお送りしません。"
        "ちがうときは、お電話をいただいてから、センターが元に戻せます（30日のあいだ）。"
    ),
    "mail_undone": (
        "センターが、あなたのログインのメールアドレスを、このアドレスに戻しました。"
        "ほかの機械でのログインは、すべて終わりました。"
    ),
}
MAIL_SECURITY = """{words}

ご自分のことであれば、何もしなくてかまいません。
心あたりがないときは、すぐにお電話ください：{office} {phone}（{hours}）
"""

MAIL_CODE_SUBJECT = "新しいメールアドレスの確認｜Kyojo 共助"
MAIL_CODE = """Kyojo 共助のログインのアドレスを、このアドレスに変える手続きがありました。
手続きをしている画面に、次の数字を入れてください。{minutes}分のあいだ使えます。

{code}

この数字は、だれにも教えないでください。センターの職員がお聞きすることもありません。
心あたりがないときは、このメールを消してください。何も変わりません。
"""
MAIL_CODE_TAKEN = """Kyojo 共助のログインのアドレスを、このアドレスに変える手続きがありました。
このアドレスは、もう別のログインに使われているので、変えられません。

ご自分のことであれば、お電話ください：{office} {phone}（{hours}）
心あたりがないときは、このメールを消してください。何も変わりません。
"""

SUSPENDED = "利用を、しばらく止めています"
SUSPENDED_BODY = (
    "期限は{day}です。理由と、異議の伝え方は、「わたし」のページにあります。"
    "コインはなくなりません。"
)
SUSPENSION_KEPT = "利用を止める期限が決まりました"
SUSPENSION_LIFTED = "また、利用できます"
SUSPENSION_ENDED = "停止の期限が終わりました。また、利用できます"
SUSPENSION_ANSWERED = "伝えていただいた異議に、お返事しました"
WELCOME_BACK = "登録も、コインも、前のままです。"

# --- checks of trust ---
TRUST_PATH = "/me/trust/"
BY_TWO_STAFF = "窓口で職員2人"
BY_APP = "デジタル認証アプリ"
CHECKED = "{what}がすみました"
CHECKED_BODY = "ありがとうございます。「わたしの確認」のページで、いつまで有効かを見られます。"
CHECK_WITHDRAWN = "{what}を取り消しました"
CHECK_WITHDRAWN_BODY = "理由：{reason}\nわからないときは、センターにお電話ください。"
CHECK_ENDS = "{what}は、{day}までです"
CHECK_ENDS_BODY = (
    "その日をすぎると、この確認がいる依頼は届かなくなります。"
    "続けるときは、それまでにもう一度確かめます。{way}"
)
CHECK_ENDED = "{what}の期限がすぎました"
CHECK_ENDED_BODY = (
    "この確認がいる依頼は、いまは届きません。"
    "決まっている予定については、センターから連絡します。{way}"
)
CONSENT_TAKEN_BACK = "ご本人が同意をやめたため"
REGISTER_CHANGED = "登録の名前か生年月日が変わったため"
CARD_OF_ANOTHER = "ほかの人のカードだったため"
CLASH_CLOSED = "本人確認について、センターが確かめました"
CLASH_CLOSED_BODY = {
    "same": "会員番号が2つありました。どちらを使うか、センターからお電話します。",
    "other": "前の確認がまちがっていました。もう一度、アプリで本人確認をしてください。",
    "refused": "このカードでは確認できませんでした。ご自分のカードで試すか、窓口にお越しください。",
}
