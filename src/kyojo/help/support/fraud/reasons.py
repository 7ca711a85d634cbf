"""Why a visit is looked at, in plain Japanese. A reason is an observation, never a charge."""

from collections.abc import Iterable

from .detector import Seen

#: Below this a feature is not told: one honest visit in twenty has it.
TOLD_FROM = 1.3
REASONS_MAX = 4
OTHERWISE = "一つひとつは小さなちがいですが、いくつも重なっています"

#: What is told of a feature when it is rare.
WORDS: dict[str, str] = {
    "away_at_touch": "始まりか終わりの位置が、行き先からはなれています",
    "away_during": "訪問の途中の位置が、行き先からはなれています",
    "jump_speed": "訪問の途中で、位置が急に遠くへとんでいます",
    "same_fix": "位置が、訪問の間まったく動いていません",
    "stillness": "位置のゆれが、ふつうのスマホより小さすぎます",
    "accuracy_same": "位置の誤差の値が、いつも同じです",
    "too_centred": "位置が、登録された場所とぴったり同じです",
    "many_fixes": "位置の記録が、ふつうより多くあります",
    "replayed": "位置の動き方が、ほかの訪問の記録とほとんど同じです",
    "reused_fix": "ほかの訪問とまったく同じ位置の数字があります",
    "device_speed": "同じスマホが、短い時間に遠くの場所で使われています",
    "exact_start": "始まりの時刻が、いつも約束ちょうどです",
    "exact_length": "かかった時間が、約束の長さちょうどです",
    "longer": "約束より長い時間が記録されています",
    "shorter": "約束より短い時間で終わっています",
    "confirmed_fast": "終わってすぐに、確認のボタンが押されています",
    "booked_late": "始まる直前に予約されています",
    "odd_hour": "訪問の少ない時間帯です",
    "long_visit": "長い訪問です",
    "coins_odd": "時間のわりに、コインの数がふつうとちがいます",
    "clock_ahead": "スマホの時計が進んでいます",
    "sent_late": "記録が、あとからまとめて送られています",
    "overlap": "同じ時間に、べつの訪問も記録されています",
    "travel_speed": "前後の訪問の場所から、間に合わない速さの移動です",
    "busy_day": "一日の訪問の時間が、とても長くなっています",
    "carer_served_elsewhere": "同じ時間に、たのんだ人が、ほかの家で支援しています",
    "two_at_carer": "同じ時間に、この家にべつの支援者の訪問があります",
    "rush": "支援した人の訪問が、この時期に急にふえています",
    "carer_rush": "たのんだ人の訪問が、この時期に急にふえています",
    "cap_rush": "年の上限の前に、訪問が急にふえています",
    "same_slot": "毎回、同じ曜日の同じ時刻です",
    "pair_visits": "この二人の訪問が、とても多くあります",
    "pair_share_supporter": "支援した人の訪問は、ほとんどがこの相手です",
    "pair_share_carer": "たのんだ人の訪問は、ほとんどがこの支援者です",
    "pair_density": "この二人の訪問が、短い間に多くあります",
    "pair_burst": "この二人の訪問が、この週に集まっています",
    "returned": "この二人は、おたがいに支援し合っています",
    "returned_share": "この二人の訪問は、行きと帰りが同じくらいあります",
    "balance": "支援した人は、受け取ったコインと渡したコインが同じくらいです",
    "carer_balance": "たのんだ人は、渡したコインと受け取ったコインが同じくらいです",
    "circle": "少ない人数の中で、コインがぐるぐる回っています",
    "circle_closed": "決まった人たちの中だけで、訪問がくり返されています",
    "circle_size": "小さな輪の中の訪問です",
    "few_carers": "支援の相手が、決まった人だけです",
    "few_supporters": "来てもらう相手が、決まった人だけです",
    "colleagues_share": "同じ会社の人への支援が、多くをしめています",
    "colleagues_at_work": "同じ会社の人どうしの、平日の昼の訪問です",
    "new_account": "登録したばかりの人の訪問です",
    "network_crowd": "たくさんの登録が、同じ場所からされています",
    "joined_together": "近くの家の人たちが、同じころに登録しています",
    "both_sides": "支援した人とたのんだ人が、同じスマホを使っています",
    "both_sides_again": "二人が同じスマホを使うことが、何度もあります",
    "foreign_device": "本人のものと届けのないスマホが使われています",
    "device_homes": "一台のスマホを、いくつもの家の人が使っています",
    "phone_silent": "いつもは位置を送るスマホから、今回は位置がありません",
    "proof_unusual": "証明のしかたが、いつもとちがいます",
    "proof_missing": "始まりか終わりの記録がありません",
    "code_only_again": "この二人の訪問は、いつも合言葉だけです",
    "elsewhere_with_code": "合言葉やカードは合っていますが、スマホはべつの場所にありました",
    "edited_longer": "あとから手で、時間が長く直されています",
    "edited_late": "何日もあとに、手で直されています",
    "edited_after": "確認がすんだあとに、手で直されています",
    "same_hand": "同じ職員が、この支援者の記録を何度も直しています",
}
#: Before the words of a feature that comes back in several visits.
AROUND_WORDS = {
    "pair": "この二人のほかの訪問でも：",
    "supporter": "支援した人のほかの訪問でも：",
    "carer": "たのんだ人のほかの訪問でも：",
    "device": "同じスマホのほかの訪問でも：",
}

#: What an honest visit of this kind often is, by what is odd about it.
HONEST: dict[str, tuple[str, ...]] = {
    "建物の中やWi-Fiでは、スマホが同じ位置を何度も出すことがあります": (
        "same_fix", "stillness", "accuracy_same", "too_centred", "replayed", "reused_fix",
        "many_fixes",
    ),
    "谷あいや高い建物のそばでは、位置が大きくずれることがあります": (
        "away_at_touch", "away_during", "jump_speed", "elsewhere_with_code",
    ),
    "いっしょに買い物や病院に出かけていたのかもしれません": ("away_during", "jump_speed"),
    "家族でスマホを共用している人や、電池が切れて借りた人がいます": (
        "both_sides", "both_sides_again", "foreign_device", "device_homes", "device_speed",
    ),
    "気の合う二人や、退院のあとに続けて手伝っている二人かもしれません": (
        "pair_visits", "pair_share_supporter", "pair_share_carer", "pair_density", "pair_burst",
        "few_carers", "few_supporters", "same_slot", "code_only_again",
    ),
    "近所や職場の仲間で、たがいに助け合っているのかもしれません": (
        "returned", "returned_share", "balance", "carer_balance", "circle", "circle_closed",
        "circle_size", "colleagues_share", "colleagues_at_work",
    ),
    "説明会などで、いっしょに登録した人たちかもしれません": (
        "new_account", "network_crowd", "joined_together",
    ),
    "年度末や休みの時期に、まとめて手伝う人がいます": (
        "rush", "carer_rush", "cap_rush", "busy_day",
    ),
    "終わりのボタンを押すのを忘れ、あとで押したのかもしれません": (
        "overlap", "travel_speed", "longer", "shorter", "two_at_carer", "carer_served_elsewhere",
        "clock_ahead",
    ),
    "電波のとどかない家では、記録があとから届きます": (
        "sent_late", "phone_silent", "proof_unusual",
    ),
    "スマホが使えず、センターが電話で聞いて書いたのかもしれません": (
        "proof_missing", "edited_longer", "edited_late", "edited_after", "same_hand",
    ),
    "約束どおりに動く人、すぐに返事をする人もいます": (
        "exact_start", "exact_length", "confirmed_fast", "booked_late", "odd_hour", "long_visit",
        "coins_odd",
    ),
}  # fmt: skip


def honest_of(signs: Iterable[str]) -> tuple[str, ...]:
    """What may honestly be behind these features, the first three of them, each once."""
    wanted = list(signs)
    found = (words for name in wanted for words, names in HONEST.items() if name in names)
    return tuple(dict.fromkeys(found))[:3]


def reasons_of(seen: Seen, row: int) -> tuple[str, ...]:
    """What is rarest about the visit of ``row``, at most four lines; each feature once, of the
    visit itself rather than of its neighbourhood where it is rare in both."""
    own = [(float(s), name, "") for s, name in zip(seen.own[row], seen.table.names, strict=True)]
    near = []
    for surprise, name in zip(seen.near[row], seen.near_names, strict=True):
        kind, feature = name.split(":")
        near.append((0.8 * float(surprise), feature, AROUND_WORDS[kind]))
    told: dict[str, str] = {}
    for surprise, name, before in sorted(own + near, key=lambda one: -one[0]):
        if surprise < TOLD_FROM or len(told) == REASONS_MAX:
            break
        own_surprise = float(seen.own[row, seen.table.names.index(name)])
        told.setdefault(name, WORDS[name] if own_surprise >= TOLD_FROM else before + WORDS[name])
    return tuple(told.values()) or (OTHERWISE,)
