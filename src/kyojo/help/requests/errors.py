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
