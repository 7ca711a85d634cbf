"""The house's own consent texts, as version 1 of each kind until a town writes its own."""

from typing import NamedTuple


class HouseText(NamedTuple):
    words: str
    purpose: str
    recipients: str
    kept: str
    follows: str


TEXTS: dict[str, HouseText] = {
    "registration": HouseText(
        words="共助のしくみを使うために、お名前、生年月日、電話、住所などを登録することに同意します。",
        purpose="支援をたのむ人と手伝う人を引き合わせ、活動の保険をかけ、ご連絡するためです。",
        recipients="支援の相手、市町の担当課、共助センター、活動の保険の会社。",
        kept="登録しているあいだ。退会の3年あとに消します。すぐに消すこともできます。",
        follows="使い続けることができません。やめるときは、退会か、記録の消去を申し出てください。",
    ),
    "company_sum": HouseText(
        words="わたしが支援で受け取ったコインと時間を、勤め先の会社の合計に足すことに同意します。",
        purpose="会社が、社員の助け合いの合計を公表するためです。",
        recipients="会社には合計だけが伝わり、だれが何をしたかは伝わりません。",
        kept="同意しているあいだ。",
        follows="これまでの分も、会社の合計から外します。ほかには何も変わりません。",
    ),
    "identity": HouseText(
        words=(
            "本人確認のために、窓口の職員が書類を見ること、またはデジタル認証アプリから名前、"
            "生年月日、住所を受け取って登録と比べることに同意します。書類の写しと番号は残しません。"
        ),
        purpose="人の家に行く方が、登録した本人であることを確かめるためです。",
        recipients="確かめる職員だけです。相手には「本人確認ずみ」とだけ伝わります。",
        kept="確かめた日と方法を、登録しているあいだ残します。",
        follows="本人確認がいる支援は、できなくなります。これまでの支援は変わりません。",
    ),
    "photo": HouseText(
        words="支援のときに写真をとり、支援の証拠として送ることに同意します。",
        purpose="支援があったことを確かめ、離れている家族に様子を伝えるためです。",
        recipients="たのんだ人、来た人、事務局だけです。",
        kept="支援の日から30日。",
        follows="これまでの写真を、すぐに消します。合言葉やカードで確かめる支援は、続けられます。",
    ),
    "health": HouseText(
        words="来る人に知ってほしい健康や体のことを、わたしが書いたとおりに記録することに同意します。",
        purpose="来る人が、けがや事故なく手伝うためです。",
        recipients="来ることが決まった人と、事務局だけです。",
        kept="支援の日から1年。",
        follows="場所に書いた「来る人に伝えること」を、すぐに消します。",
    ),
}
