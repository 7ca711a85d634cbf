"""Refusals of the requests room. ``field``: place, day, from_time, minutes, memo, category."""

from kyojo.kernel.errors import Invalid, Refusal


class CategoryUnknown(Invalid):
    code = "category_unknown"
    sentence = "この種類の手伝いは、ここにはありません。一覧から選んでください。"


class StartPast(Invalid):
    code = "start_past"
    sentence = "{when}は、もう過ぎています。これからの日時を選んでください。"


class StartTooFar(Invalid):
    code = "start_too_far"
    sentence = "たのめるのは、{days}日先の{last}までです。それより前の日を選んでください。"


class StartHour(Invalid):
    code = "start_hour"
    sentence = "{name}は、{earliest}時から{latest}時のあいだでたのめます。時間を変えてください。"


class StartNotHalfHour(Invalid):
    code = "start_not_half_hour"
    sentence = "始まりは、30分ごとに選んでください。例：10時、10時30分"


class PlaceKindNotAllowed(Invalid):
    code = "place_kind_not_allowed"
    sentence = "{name}は、{places}でたのめます。場所を選びなおしてください。"


class RecipientTooYoung(Invalid):
    code = "recipient_too_young"
    sentence = (
        "{name}をたのめるのは、{youngest}歳からです。"
        "それより小さいお子さんのことは、市の子育ての窓口がご案内します。"
    )


class MemoTooLong(Invalid):
    code = "memo_too_long"
    sentence = "伝えておきたいことは、{most}字までです。いま{length}字あります。短くしてください。"


class GenderWishUnknown(Invalid):
    code = "gender_wish_unknown"
    sentence = "来る人についての希望を、一覧から選んでください。"


class NotACarer(Refusal):
    code = "not_a_carer"
    sentence = "たのむには、「わたし」のページで「たのみたい」を選んでください。"


class OrderTaken(Refusal):
    """The same id came with other content: nothing is changed."""

    code = "order_taken"
    sentence = (
        "このページの内容は、もう送られています。新しくたのむときは、はじめから入れてください。"
    )


class DraftGone(Refusal):
    code = "draft_gone"
    sentence = (
        "この依頼は、もう出してあります。変えたいときは、取り消してから、たのみなおしてください。"
    )


class StartPassedMeanwhile(Refusal):
    code = "start_passed_meanwhile"
    sentence = "たのんだ日時が過ぎました。日時を選びなおしてください。"


class StepNotPossible(Refusal):
    """A change of state that the allow-list does not know."""

    code = "request_step_not_possible"
    sentence = "この依頼は、いま「{state}」です。ページを開きなおして、いまのようすを見てください。"


class VisitStands(Refusal):
    code = "request_visit_stands"
    sentence = "来る人が決まっています。取り消すときは、予定のページからお願いします。"


# --- series ---------------------------------------------------------------------------------------
class SeriesEveryUnknown(Invalid):
    code = "series_every_unknown"
    sentence = "どのくらいの間かくでたのむかを、一覧から選んでください。"


class SeriesDaysMissing(Invalid):
    code = "series_days_missing"
    sentence = "曜日を{said}選んでください。"


class SeriesEndMissing(Invalid):
    code = "series_end_missing"
    sentence = "いつまでつづけるかを、日か回数で入れてください。"


class SeriesTooShort(Invalid):
    code = "series_too_short"
    sentence = "回数は、2回から{most}回のあいだで入れてください。"


class SeriesTooFar(Invalid):
    code = "series_too_far"
    sentence = (
        "くり返してたのめるのは、{months}か月先の{last}までです。"
        "短くしてください。終わるころに、またつづけられます。"
    )


class SeriesChangeFar(Invalid):
    code = "series_change_far"
    sentence = "変えられるのは、{last}からです。それより前の日を選んでください。"


class SeriesEmpty(Invalid):
    code = "series_empty"
    sentence = "その日までに、選んだ曜日がありません。終わりの日をのばしてください。"


class SeriesOver(Refusal):
    code = "series_over"
    sentence = "このくり返しは、もう終わっています。つづけたいときは、新しくたのんでください。"


class SeriesDayUnknown(Refusal):
    code = "series_day_unknown"
    sentence = "その日は、このくり返しの日ではありません。ページを開きなおして確かめてください。"


# --- bundles --------------------------------------------------------------------------------------
class BundleTitleMissing(Invalid):
    code = "bundle_title_missing"
    sentence = "何のためのお願いかを、{most}字までで入れてください。例：退院のあとの1週間"


class BundlePartsWrong(Invalid):
    code = "bundle_parts_wrong"
    sentence = "まとめてたのめるのは、2つから{most}までです。"


class BundleOpen(Refusal):
    code = "bundle_open"
    sentence = "もう、まとめて出してあります。ページを開きなおして、いまのようすを見てください。"


class BundleEmpty(Refusal):
    code = "bundle_empty"
    sentence = "まだ、2つ以上入っていません。することを、もう1つ足してください。"


class BundleOver(Refusal):
    code = "bundle_over"
    sentence = "このまとめは、取り消してあります。新しくたのんでください。"
