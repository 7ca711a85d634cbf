"""Refusals about shops and coupons."""

from kyojo.kernel.errors import Invalid, Refusal


class NoShops(Refusal):
    code = "coupon_no_shops"
    sentence = (
        "この制度には、参加店がまだありません。券は、まだ作れません。"
        "先に参加店を登録するか、事務局の商品券などを渡して、完了を記録してください。"
    )


class HandedOtherwise(Refusal):
    code = "coupon_handed_otherwise"
    sentence = "この申請は、ほかの形で渡しずみ（番号 {reference}）です。ここでは券を作れません。"


class CouponUnknown(Invalid):
    code = "coupon_unknown"
    sentence = "この番号の券は、見つかりません。番号を確かめて、もう一度入れてください。"


class CouponUsed(Refusal):
    code = "coupon_used"
    sentence = "この券は、{day}に受け取りずみです。もう使えません。"


class CouponVoided(Refusal):
    code = "coupon_voided"
    sentence = (
        "この券は、無効になっているので、使えません。"
        "持ってきた人に、事務局に聞くようにお伝えください。"
    )


class CouponExpired(Refusal):
    code = "coupon_expired"
    sentence = "この券の期限は、{day}まででした。もう使えません。"


class CouponElsewhere(Refusal):
    code = "coupon_elsewhere"
    sentence = "この券は、「{shop}」だけで使えます。この店では受け取れません。"


class CouponOwn(Refusal):
    code = "coupon_own"
    sentence = "自分が受け取った券は、自分の店では受け取れません。事務局に聞いてください。"


class CouponOfOfficer(Refusal):
    code = "coupon_of_officer"
    sentence = (
        "自分が受け取った券の、店の受け取りは、自分では取り消せません。"
        "ほかの職員にたのんでください。"
    )


class CouponNotTaken(Refusal):
    code = "coupon_not_taken"
    sentence = "この券は「{state}」です。取り消せる受け取りが、ありません。"


class CouponPaid(Refusal):
    code = "coupon_paid"
    sentence = "この券は、店への支払いが終わっています（番号 {reference}）。取り消せません。"


class ShopNameNeeded(Invalid):
    code = "shop_name_needed"
    sentence = "店の名前とよみがなを、入れてください。"


class ShopTaken(Invalid):
    code = "shop_taken"
    sentence = "この制度には、もう{what}の店があります。"


class ShopLoginUnfit(Invalid):
    code = "shop_login_unfit"
    sentence = "このメールアドレスは、店には使えません。店のための、別のアドレスを入れてください。"


class ShopEnded(Refusal):
    code = "shop_ended"
    sentence = "この店は、参加を終えています。券は受け取れません。"


class ShopOfOfficer(Refusal):
    code = "shop_of_officer"
    sentence = (
        "「{shop}」は、自分のログインの店です。"
        "口座や支払いは、自分では記録できません。ほかの職員にたのんでください。"
    )


class MonthNotOver(Refusal):
    code = "shop_month_not_over"
    sentence = "{month}は、まだ終わっていません。翌月の1日から支払えます。"


class MonthChanged(Refusal):
    code = "shop_month_changed"
    sentence = (
        "開いていた画面のあとで、「{shop}」の額が変わりました。"
        "一覧を確かめて、もう一度選んでください。"
    )


class MonthPaid(Refusal):
    code = "shop_month_paid"
    sentence = "「{shop}」の{month}分は、支払いを記録ずみです（番号 {reference}）。"
