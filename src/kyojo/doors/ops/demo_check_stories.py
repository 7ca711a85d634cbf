"""The main job, twice: the carer's story with somebody she picks and her mother's own yes, and the
supporter's story from signing up, with a yes that the office notes from a call."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from .demo_check_people import (
    Purse,
    Stage,
    date_fill,
    mailed_link,
    news_must_say,
    number,
    purse_read,
)
from .walker import Walker, plain

CARER, SUPPORTER, RECIPIENT = "青空 みなみ", "春風 けん", "青空 ふみ"
OFFICER, CHIEF, OFFICE, COMPANY_OFFICER = "霧島 はる", "大樹 まさ", "浅瀬 とも", "みほん電機の担当"
COMPANY = "みほん電機"
NEW_EMAIL = "haruna@example.jp"
NEW_NAME = "朧月 はるな"
SATURDAY = 5


@dataclass
class Story:
    """What the receipt tells of one story."""

    title: str
    category: str
    visit_day: date
    supporter: str
    supporter_role: str
    consent: str
    proof: str
    held: int = 0
    moved: int = 0
    supporter_gain: int = 0
    receipt: str = ""
    #: Where the receipt stands in the towns' public logs: (what, how).
    proven: list[tuple[str, str]] = field(default_factory=list)
    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, stage: Stage, role: str, what: str) -> None:
        """Remember who did what, at the demo's time."""
        self.lines.append((role, what, stage.when()))


def day_words(day: date) -> str:
    return f"{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"


# --- before -------------------------------------------------------------------------------------


def town_looked_at(stage: Stage) -> None:
    with stage.at("1 見に来た人が、まちのページを見る"):
        visitor = stage.visitor("見に来た人")
        visitor.follow("みどり浜市のようすを見る").must_see("みどり浜市", "コインの動き")


def company_sum(stage: Stage) -> int | None:
    """The company's published sum of this fiscal year; None while fewer than five people helped,
    as in the first weeks of April."""
    with stage.at("会社のページを見る"):
        visitor = stage.visitor("見に来た人")
        visitor.follow("会社を見る")
        if not visitor.links(COMPANY):
            visitor.must_see("5人未満")
            return None
        visitor.follow(COMPANY)
        visitor.must_see("みほん電機株式会社")
        return number(visitor.reads(r"コイン\s*([\d,]+)\s*時間"))


def pending_confirmed(stage: Stage) -> None:
    """Her page's first thing to do: yesterday's shopping."""
    with stage.at("2 ケアする人が、きのうの買い物を確認する"):
        carer = stage.be(CARER)
        carer.must_see("つぎにすること", "買い物が終わりました").follow("確認して、お礼を伝える")
        carer.press("確認しました")


# --- the carer asks -------------------------------------------------------------------------------


def asked(
    stage: Stage, story: Story, *, category: str, day: date, hour: str, length: str, memo: str
) -> Walker:
    """From home to the list of people who can come."""
    carer = stage.be(CARER)
    carer.follow("たのむ").must_see("何をたのみますか")
    carer.follow(category)
    form = carer.form("確認へ進む")
    form.choose("母の家").choose("ほかの日")
    date_fill(form, day, group="日にち")
    form.select("何時から", hour).choose(length, group="長さ").fill(
        "伝えておきたいこと", memo
    ).press()
    carer.must_see("この内容で、来られる人をさがします", category, "母の家", memo, day_words(day))
    story.held = number(carer.reads(r"([\d,]+)\s*コイン\s*をお預かりします"))
    story.note(stage, "ケアする人", f"「{category}」をたのむ（{day_words(day)}{hour}から）")
    carer.press("来られる人をさがす")
    return carer


def candidates_shown(carer: Walker) -> None:
    """What a carer needs to choose somebody: reasons, distance, trust, rating, free times."""
    card = carer.part(f"{SUPPORTER} さん")
    while card.tag != "li" and card.getparent() is not None:
        card = card.getparent()
    from .walker import words_of

    said = plain(words_of(card))
    for what, pattern in {
        "a reason": r"庭の手入れを、これまでに\d+回|得意と書いています",
        "the distance": r"お母さまの家から[\d.]+k?m",
        "the way": r"(歩いて|自転車で)\d+分",
        "trust": "本人確認ずみ",
        "a training": "庭木の講習",
        "free times": r"空いている時間.*9時〜13時",
    }.items():
        if not re.search(pattern, said):
            raise carer.lost(f"{what} of {SUPPORTER} among the candidates")


def first_story_asked(stage: Stage, story: Story) -> None:
    with stage.at("3 ケアする人が、庭の手入れをたのみ、春風さんにお願いする"):
        before = purse_read(stage.be(CARER))
        carer = asked(
            stage,
            story,
            category="庭の手入れ",
            day=story.visit_day,
            hour="10時",
            length="2時間",
            memo="草取りと、ミカンの枝を少し切ってほしいです。",
        )
        carer.must_see("来られる人が")
        candidates_shown(carer)
        unchanged(carer, before)
        carer.open().follow("庭の手入れ", near="さがしています")
        carer.press(f"この人にお願いする：{SUPPORTER}")
        carer.must_see("返事待ち")
        holds(carer, before, story.held)
        story.note(stage, "ケアする人", f"1人を選んでお願いする。{story.held}コインを預かり")


def unchanged(carer: Walker, before: Purse) -> None:
    if purse_read(carer) != before:
        raise carer.lost("the same coins as before: looking costs nothing")


def holds(carer: Walker, before: Purse, coins: int) -> None:
    after = purse_read(carer)
    if after != Purse(before.available - coins, before.held + coins):
        raise carer.lost(f"{coins} coins held: {before} became {after}")


def first_story_agreed(stage: Stage, story: Story) -> None:
    with stage.at("4 サポーターがOKし、お母さまが「はい」と答える"):
        supporter = stage.be(SUPPORTER)
        news_must_say(supporter, "青空さんから、庭の手入れのお願いがとどきました")
        supporter.follow("青空さんから、庭の手入れのお願い")
        supporter.must_see("庭の手入れ", day_words(story.visit_day))
        supporter.must_not_see("見本町1-2-3")
        supporter.press("OK、行けます")
        story.note(stage, "サポーター", "OKと答える。予約が決まる")
        recipient = stage.be(RECIPIENT)
        to_visit_of(recipient, "庭の手入れ", story.visit_day)
        if recipient.links("来てもよいか、答える"):
            recipient.follow("来てもよいか、答える")
        recipient.must_see(SUPPORTER, "おうちに来てもよいですか", "庭の手入れ")
        recipient.press("はい、来てください").must_see("「来てください」とお返事しました")
        story.note(stage, "ケアを受ける人", "「はい、来てください」を押す")
        news_must_say(stage.be(CARER), "「来てください」のお返事がありました")


def to_visit_of(walker: Walker, category: str, day: date) -> None:
    """From 予定 to the visit of that day."""
    walker.open().follow("予定")
    for link in walker.links(category):
        if f"{day.month}月{day.day}" in _row_words(link):
            walker.follow_link(link)
            return
    raise walker.lost(f"「{category}」 on {day_words(day)} under 予定")


def _row_words(link: object) -> str:
    from .walker import words_of

    return plain(words_of(link))


# --- the day --------------------------------------------------------------------------------------


def day_of_visit(stage: Stage, story: Story, *, supporter: Walker, hour: int, minutes: int) -> None:
    """On the way, begun and ended with the spoken code; the carer reads of both."""
    name = story.supporter
    family = name.split(" ")[0]
    start = hour * 60
    with stage.at(f"5 {family}さんが向かい、合言葉で始めて終える"):
        stage.clock_to(story.visit_day, (start - 20) // 60, (start - 20) % 60)
        supporter.open()
        to_visit_of(supporter, story.category, story.visit_day)
        supporter.press("向かいます")
        story.note(stage, "サポーター", "「向かいます」を押す")
        stage.clock_to(story.visit_day, hour)
        code = code_heard(stage, story)
        to_visit_of(supporter, story.category, story.visit_day)
        supporter.form("合言葉で始める").fill("合言葉", code).press()
        supporter.must_see("支援中", "終わったら、押してください")
        story.note(stage, "サポーター", "合言葉で始める")
        news_must_say(stage.be(CARER), f"{family}さんが着いて、{story.category}が始まりました")
        end = start + minutes
        stage.clock_to(story.visit_day, end // 60, end % 60)
        to_visit_of(supporter, story.category, story.visit_day)
        supporter.form("合言葉で終える").fill("合言葉", code).press()
        supporter.must_see("確認を待っています")
        story.note(stage, "サポーター", "合言葉で終える")
        news_must_say(stage.be(CARER), f"{story.category}が終わりました。確認をお願いします")


def code_heard(stage: Stage, story: Story) -> str:
    """The four digits, as the person at home reads them out."""
    recipient = stage.be(RECIPIENT)
    to_visit_of(recipient, story.category, story.visit_day)
    return recipient.reads(r"の合言葉\s*(?:4けたの数字)?\s*(\d{4})")


def closed(stage: Stage, story: Story, *, supporter: Walker) -> None:
    """Confirmed, thanked, the receipt; the supporter's coins grow by exactly what was held."""
    family = story.supporter.split(" ")[0]
    with stage.at(f"6 ケアする人が確認し、{family}さんにコインが届く"):
        carer_before, supporter_before = purse_read(stage.be(CARER)), purse_read(supporter)
        carer = stage.be(CARER)
        carer.must_see(f"{story.category}が終わりました").follow("確認して、お礼を伝える")
        carer.press("確認しました")
        if carer.links("お礼を伝える"):
            carer.follow("お礼を伝える")
        form = carer.form("お礼をおくる").choose("とてもよかった").choose("ていねい")
        form.choose("ほかの人の参考にしてよい")
        form.fill("お礼のことば", "ていねいにしてくださって、ありがとうございました。").press()
        story.note(stage, "ケアする人", "確認して、お礼を伝える")
        to_visit_of(carer, story.category, story.visit_day)
        carer.follow("受け取り（レシート）を見る").must_see(
            "届きました", "北ひなた市", "みどり浜市"
        )
        story.receipt = carer.reads(r"([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})")
        carer_after, supporter_after = purse_read(carer), purse_read(supporter)
        story.moved = carer_before.held - carer_after.held
        story.supporter_gain = supporter_after.available - supporter_before.available
        if carer_after.available != carer_before.available or story.moved != story.held:
            raise carer.lost(f"{story.held} held coins to leave: {carer_before}, {carer_after}")
        if story.supporter_gain != story.held:
            raise supporter.lost(f"{story.held} coins more, not {story.supporter_gain}")
        news_must_say(supporter, f"{story.held}コインが届きました", "お礼が届きました")
        story.note(stage, "サポーター", f"{story.supporter_gain}コインを受け取る")


# --- the supporter's story ------------------------------------------------------------------------


def signed_up(stage: Stage) -> Walker:
    """What they can do, when, how far: from the first page to the three first steps."""
    with stage.at("7 新しいサポーターが登録する"):
        family, given = NEW_NAME.split(" ")
        new = stage.visitor(NEW_NAME).follow("手伝ってみる：みどり浜市")
        form = new.form("登録して、メールを受け取る").choose("手伝いたい")
        form.fill("姓", family).fill("名", given)
        form.fill("姓のふりがな", "おぼろづき").fill("名のふりがな", "はるな")
        date_fill(form, date(1994, 5, 20), group="生年月日")
        form.fill("電話", "090-0000-7788").fill("メール", NEW_EMAIL).choose("約束ごとを読み")
        form.press()
        new.must_see("メールを見てください")
        new.open_mailed(mailed_link(stage, NEW_EMAIL)).press("ログインする")
        new.must_see("できること")
        form = new.form("つぎへ").choose("さんぽ").choose("話し相手")
        form.press()
        new.must_see("来られる時間")
        form = new.form("この時間を足す").choose("土", group="曜日").choose("日", group="曜日")
        form.select("何時から", "9時").select("何時まで", "17時").press()
        new.press("つぎへ")
        form = new.form("これで、はじめる").fill("住所", "みどり浜市港地区見本町3-3")
        form.select("家に近いところ", "みなと茶の間").choose("自転車").choose("5 km")
        form.press()
        new.must_see("準備ができました")
        return new


def employer_linked(stage: Stage, new: Walker) -> None:
    with stage.at("8 会社が社員と確認し、本人が合計に足すことに同意する"):
        new.open().follow("わたし").follow("会社")
        form = new.form("会社に確認をお願いする").select("会社", COMPANY)
        form.fill("社員番号", "E-7788").press()
        officer = stage.be(COMPANY_OFFICER)
        officer.press(f"社員です：{NEW_NAME}")
        new.open().follow("わたし").follow("会社").must_see("会社が確認ずみ").press("同意する")
        new.open().follow("わたし").follow("会社").must_see("同意しています")


def identity_checked(stage: Stage, new: Walker) -> None:
    with stage.at("9 市の窓口で、職員2人が本人確認をする"):
        officer = stage.be(OFFICER)
        officer.follow("会員・本人確認").follow("オボロヅキ").follow(
            "本人確認", near="書類を見て記録する"
        )
        form = officer.form("もう1人に回す").choose("運転免許証", group="見た書類")
        for item in ("名前", "生年月日", "住所"):
            form.choose(item, group="登録と合っていたこと")
        form.press()
        officer.must_see("二人目を待っています")
        second = stage.be(CHIEF).follow("会員・本人確認").follow("オボロヅキ")
        second.follow("二人目を待っています").press("確かめた")
        officer.open().follow("会員・本人確認").follow("オボロヅキ").must_see("本人確認ずみ")
        new.open().follow("わたし").must_see("本人確認ずみ")


def day_awaited(stage: Stage) -> None:
    """At night nobody is asked: then the clock goes on to the next morning."""
    now = stage.now()
    if now.hour < 9 or now.hour >= 19:
        stage.clock_to(now.date() + timedelta(days=1 if now.hour >= 19 else 0), 9)


def second_story_asked(stage: Stage, story: Story, new: Walker) -> None:
    with stage.at("10 ケアする人が、まとめて声をかける"):
        day_awaited(stage)
        before = purse_read(stage.be(CARER))
        carer = asked(
            stage, story, category="さんぽ", day=story.visit_day, hour="10時",
            length="1時間", memo="川ぞいの道を、ゆっくり歩いてください。",
        )  # fmt: skip
        carer.follow("まとめて声をかける")
        carer.form("声をかける").choose("自分で選ぶ").press()
        carer.must_see("声をかけた")
        unchanged(carer, before)
        story.note(stage, "ケアする人", "まとめて声をかける（名前と住所は伝えない）")
        news_must_say(new, "さんぽのお願いがとどきました")
        new.follow("さんぽのお願いがとどきました")
        new.must_see(day_words(story.visit_day)).must_not_see("青空")
        new.press("OK、行けます").must_see("OKの返事を送りました")
        story.note(stage, "サポーター", "お知らせを見て、OKと答える")
        carer = stage.be(CARER)
        news_must_say(carer, f"{NEW_NAME.split()[0]}さんが「OK」と返事をしました")
        carer.open().follow("さんぽ", near="さがしています")
        carer.press(f"この人に決める：{NEW_NAME}")
        holds(carer, before, story.held)
        story.note(stage, "ケアする人", f"OKした人に決める。{story.held}コインを預かり")


def second_story_agreed(stage: Stage, story: Story) -> None:
    with stage.at("11 センターが、お母さまの電話のお返事を書きとめる"):
        office = stage.be(OFFICE)
        office.follow("支援").must_see("支援")
        row = f"{story.visit_day.month}/{story.visit_day.day}"
        for link in office.links("R-"):
            line = next(link.iterancestors("tr"), None)
            said = _row_words(line) if line is not None else ""
            if "さんぽ" in said and row in said:
                office.follow_link(link)
                break
        else:
            raise office.lost(f"the visit さんぽ on {row} in the list")
        form = office.form("お返事を記録する").choose("来てよい").choose("電話")
        form.press()
        office.must_see("電話")
        story.note(stage, "事務局", "お宅の方の電話のお返事を記録する")
        news_must_say(stage.be(CARER), "「来てください」のお返事がありました")


def days_chosen(today: date) -> tuple[date, date]:
    """The days of the two visits: the garden soon, not on the Saturday that 春風 けん has already;
    the walk on the Sunday after it."""
    first = today + timedelta(days=2)
    if first.weekday() == SATURDAY:
        first += timedelta(days=1)
    second = first + timedelta(days=1)
    return first, second + timedelta(days=(6 - second.weekday()) % 7)
