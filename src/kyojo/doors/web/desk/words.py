"""What codes on record are called at the desk."""

ACTIONS = {
    "assign_opened": "人を決める画面を開いた",
    "candidates_opened": "候補の人を見た",
    "clearing_agreed": "清算に合意した",
    "clearing_closed": "清算の月を締めた",
    "clearing_paid": "清算の振込を記録した",
    "clearing_settled": "清算のコインを精算した",
    "coins_forgotten": "コインの記録とのつながりを消した",
    "coins_lapsed": "期限のすぎたコインを戻した",
    "consent_declined": "訪問の断りを受けた",
    "consent_given": "訪問の「来てよい」を受けた",
    "dispute_resolve": "話し合いを決めた",
    "distribution_cancelled": "配布を取り消した",
    "distribution_checked": "配布のファイルを確かめた",
    "distribution_done": "コインを配った",
    "distribution_submitted": "配布を出した",
    "employment_confirm": "勤め先の確認をした",
    "home_set": "住まいを登録した",
    "issuance_approved": "発行を承認した",
    "issuance_cancelled": "発行を取り消した",
    "issuance_requested": "発行を出した",
    "list_taken": "一覧をファイルで受け取った",
    "office_assign": "来る人を決めた",
    "person_leave": "退会の手続きをした",
    "person_opened": "会員のページを開いた",
    "person_register": "会員を登録した",
    "person_update": "会員の登録を直した",
    "recipient_named": "ケアを受ける人を登録した",
    "request_cancelled": "依頼を取り消した",
    "request_opened": "依頼を開いた",
    "role_add": "役割を足した",
    "role_drop": "役割を外した",
    "staff_role_add": "職員の役割を足した",
    "trust_check_record": "確かめたことを記録した",
    "visit_cancel": "支援を取り消した",
    "visit_end": "支援の終わりを記録した",
    "visit_no_show": "来られなかったことを記録した",
    "visit_opened": "支援を開いた",
    "visit_start": "支援の始まりを記録した",
}
SUBJECTS = {
    "clearing": "自治体間清算",
    "distribution": "配布",
    "employment": "勤め先",
    "issuance": "発行",
    "list": "一覧",
    "person": "会員",
    "programme": "制度",
    "request": "依頼",
    "user": "職員",
    "visit": "支援",
}
BASES = {
    "phone": "電話",
    "paper": "紙",
    "counter": "窓口",
    "press": "本人の操作",
    "carer": "たのんだ人",
}
CHECKS = {
    "identity": "本人確認",
    "background": "経歴確認",
    "training": "講習",
    "licence": "資格",
}
ROLES = {
    "carer": "たのんだ人",
    "supporter": "来る人",
    "recipient": "お宅の方",
    "office": "事務局",
    "system": "自動",
}
MOMENTS = {"heading": "向かう途中", "start": "始まり", "during": "支援中", "end": "終わり"}
REASONS = {
    "reserved": "来る人が決まりました",
    "heading": "向かっています",
    "consent_given": "訪問のお返事：来てよい",
    "coins_lapsed": "期限のすぎたコインを戻した",
    "consent_declined": "訪問のお返事：来ないでほしい",
    "late_10": "10分ほど遅れると連絡",
    "late_20": "20分ほど遅れると連絡",
    "late_30": "30分ほど遅れると連絡",
    "evidence": "始まりの記録が、場所か時間の外",
    "silence": "確認の期限がすぎました",
    "forgotten": "記録が終わっていません",
    "plans_changed": "予定が変わりました",
    "unwell": "体調がよくありません",
    "not_needed": "手伝いがいらなくなりました",
    "other": "そのほか",
    "pay": "全部お渡しする",
    "pay_part": "一部をお渡しする",
    "return": "お返しする",
}
STEPS = {
    "heading": "向かいます",
    "late": "遅れます",
    "check_in": "始めます",
    "check_out": "終わりました",
    "position": "位置",
    "confirm": "確認",
    "cancel": "取り消し",
    "no_show": "来ませんでした",
    "dispute": "ちがうところがある",
    "reserve": "決める",
    "consent_give": "来てよい",
    "consent_decline": "来ないでほしい",
    "resolve": "話し合いを決める",
    "office_start": "始まりの記録（事務局）",
    "office_end": "終わりの記録（事務局）",
}
REFUSED = {
    "too_early": "始められる時間の前でした",
    "heading_too_early": "まだ早い時間でした",
    "time_over": "予定の時間がすぎていました",
    "proof_missing": "位置も合言葉もありませんでした",
    "position_unreadable": "位置を読み取れませんでした",
    "far_from_place": "行き先からはなれていました",
    "code_wrong": "合言葉がちがいました",
    "code_locked": "合言葉が何度もちがい、止まりました",
    "consent_missing": "お宅の方のお返事がまだでした",
    "no_show_too_early": "まだ早い時間でした",
    "step_not_allowed": "そのときは、できない操作でした",
    "own_matter": "自分がかかわる支援でした",
    "supporter_busy": "同じ時間に別の予定がありました",
    "supporter_busy_own": "同じ時間に別の予定がありました",
    "coins_short": "使えるコインが足りませんでした",
    "exceeds_credits": "使えるコインが足りませんでした",
    "request_not_open": "依頼は、もう決まっていました",
    "offer_over": "お願いは、もう終わっていました",
    "words_missing": "ことばがありませんでした",
    "amount_outside": "コインの数が範囲の外でした",
    "consent_already": "お返事は、もうありました",
}


def refusal_words(code: str) -> str:
    """Why a step was refused, in a few words; the code where it has none."""
    return REFUSED.get(code, code)


#: Words of notes that are codes. A note's other words (numbers, free text) stay as they are.
NOTES = {
    "background": "経歴確認",
    "carer": "ケアする人",
    "coordinator": "コーディネーター",
    "csv": "CSV（UTF-8）",
    "identity": "本人確認",
    "licence": "資格",
    "office": "事務局",
    "officer": "自治体職員",
    "pay": "全部お渡しする",
    "pay_part": "一部をお渡しする",
    "recipient": "ケアを受ける人",
    "return": "お返しする",
    "sjis": "CSV（シフトJIS）",
    "supporter": "サポーター",
    "training": "講習",
    "xlsx": "Excel",
}
USES = {"help": "手伝いをたのむ", "gift_to_carer": "ケアする人に贈る", "donation": "寄付する"}
LISTS = {
    "acts": "操作の記録",
    "clearing": "自治体間清算",
    "clearing-statement": "清算の明細",
    "members": "会員",
    "requests": "返事のない依頼",
    "visits": "支援",
}


def note_words(note: str) -> str:
    """A note of the record in words; ids within it say nothing to a reader and are left out."""
    words = [word for word in note.split() if word != "place" and word.count("-") != 4]
    return " ".join(NOTES.get(word, word) for word in words)
