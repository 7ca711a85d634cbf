"""Who lives in the demo's two towns. Every name, number and address is invented."""

from dataclasses import dataclass, field

KITA, MIDORI = 990019, 990027

#: Weekly times: weekday (0 is Monday), from, to, in whole hours.
MORNINGS = tuple((day, 9, 13) for day in range(7))
DAYS = tuple((day, 8, 17) for day in range(7))
EVENINGS = (*((day, 18, 21) for day in range(5)), (5, 9, 18), (6, 9, 18))
WEEKEND = ((5, 8, 18), (6, 8, 18))
STUDENT = ((0, 15, 20), (2, 13, 20), (4, 15, 20), (5, 8, 17), (6, 8, 17))


@dataclass(frozen=True)
class Helper:
    """A supporter. ``area`` is a code of the town's areas; ``skills`` category → own words."""

    key: str
    name: str
    kana: str
    born: str
    area: str
    skills: dict[str, str]
    times: tuple[tuple[int, int, int], ...]
    gender: str = ""
    occupation: str = ""
    introduction: str = ""
    travel: str = "bicycle"
    limit_m: int = 6_000
    checks: tuple[tuple[str, str], ...] = ()
    company: str = ""
    north_m: float | None = None
    east_m: float | None = None
    town: int = MIDORI
    asks: int = 4


@dataclass(frozen=True)
class Home:
    """A place of a carer; ``of`` is who lives there: name, reading, birth date, relation."""

    key: str
    kind: str
    label: str
    town: int
    area: str
    of: tuple[str, str, str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Asker:
    """A carer with the places they ask help for."""

    key: str
    name: str
    kana: str
    born: str
    town: int
    area: str
    group: str
    homes: tuple[Home, ...]
    gender: str = ""
    occupation: str = ""
    roles: tuple[str, ...] = ("carer",)
    coins: int = 900
    wants: tuple[str, ...] = ("shopping", "clean", "talk")
    extra: dict[str, str] = field(default_factory=dict)


COURSE_GARDEN = ("training", "庭木の講習")
COURSE_DEMENTIA = ("training", "認知症サポーター")
COURSE_CHILD = ("training", "子どもの見守り講習")
BACKGROUND = ("background", "")
LICENCE = ("licence", "運転の登録と講習")

#: The people of the screens first: they can be played in the demo.
HELPERS: tuple[Helper, ...] = (
    Helper(
        "ken", "春風 けん", "はるかぜ けん", "1960-04-18", "minato",
        {"garden": "枝切り", "heavy": "", "talk": ""},
        MORNINGS, "male", "元 造園業", "庭木のことなら、なんでも聞いてください。いまは、みほん電機で構内の植木を見ています。",
        checks=(COURSE_GARDEN,), company="mihon-denki", north_m=1150, east_m=-330,
    ),
    Helper(
        "jun", "朝露 じゅん", "あさつゆ じゅん", "2004-06-21", "minato",
        {"garden": "草取り", "heavy": "", "tech": "スマホの設定"},
        (*STUDENT, (1, 8, 17), (3, 8, 17)), "", "大学生", "体を動かすのが好きです。",
        travel="walk", limit_m=3_000, north_m=-520, east_m=-300,
    ),
    Helper(
        "tae", "木漏日 たえ", "こもれび たえ", "1953-01-30", "chuo",
        {"garden": "花の手入れ", "talk": "", "cook": ""},
        tuple((day, 10, 12) for day in range(7)), "female", "地域の園芸クラブ",
        "お茶を飲みながら、ゆっくりお話しします。",
        checks=(COURSE_DEMENTIA,), north_m=-150, east_m=-2390,
    ),
    Helper(
        "nao", "夕凪 なお", "ゆうなぎ なお", "1995-11-03", "minato",
        {"stroll": "動物が好き", "tech": "スマホの設定", "shopping": "", "talk": ""},
        EVENINGS, "female", "会社員", "犬と暮らしていました。動物が好きです。",
        company="mihon-denki", north_m=800, east_m=250, asks=2,
    ),
    Helper(
        "wakakusa", "若草 なお", "わかくさ なお", "1988-02-11", "minato",
        {"shopping": "", "clean": "", "laundry": ""},
        DAYS, "female", "パート", "買い物のついでに寄れます。", north_m=-900, east_m=-600,
    ),
)  # fmt: skip

#: The others: name, reading, birth year, area, skills, times, occupation, company.
_MORE = (
    ("凪野 そう|なぎの そう", 1979, "minato", "garden shopping tech", EVENINGS, "会社員", "mihon-denki"),
    ("星影 あい|ほしかげ あい", 1991, "chuo", "talk shopping cook", EVENINGS, "会社員", "mihon-denki"),
    ("青葉 ゆう|あおば ゆう", 1985, "kawakita", "garden heavy tech", WEEKEND, "会社員", "mihon-denki"),
    ("白波 りく|しらなみ りく", 1998, "hamabe", "tech talk garden", EVENINGS, "会社員", "mihon-denki"),
    ("月見 かえで|つきみ かえで", 1974, "chuo", "shopping clean talk", EVENINGS, "会社員", "mihon-denki"),
    ("風花 まい|かざはな まい", 1982, "yamate", "talk garden shopping", WEEKEND, "会社員", "mihon-denki"),
    ("山吹 たくみ|やまぶき たくみ", 1969, "yamate", "garden heavy tech", WEEKEND, "会社員", "mihon-denki"),
    ("若葉 しのぶ|わかば しのぶ", 1993, "midori", "shopping tech talk", EVENINGS, "会社員", "mihon-denki"),
    ("朝霧 ひろ|あさぎり ひろ", 1987, "kawaminami", "garden shopping heavy", WEEKEND, "会社員", "mihon-denki"),
    ("東雲 さき|しののめ さき", 1990, "hamabe", "shopping talk clean", EVENINGS, "会社員", "hinagata-shinkin"),
    ("時雨 とおる|しぐれ とおる", 1972, "chuo", "paper talk tech", EVENINGS, "会社員", "hinagata-shinkin"),
    ("雪解 はるか|ゆきどけ はるか", 1996, "minato", "shopping clean laundry", EVENINGS, "会社員", "hinagata-shinkin"),
    ("春霞 けい|はるがすみ けい", 1983, "kawakita", "talk shopping paper", WEEKEND, "会社員", "hinagata-shinkin"),
    ("秋桜 もえ|あきざくら もえ", 1999, "chuo", "tech talk stroll", EVENINGS, "会社員", "hinagata-shinkin"),
    ("夏木 だい|なつき だい", 1966, "matsubara", "garden heavy shopping", WEEKEND, "会社員", "hinagata-shinkin"),
    ("冬木 れん|ふゆき れん", 1989, "hamabe", "cook shopping talk", WEEKEND, "会社員", "reiji-shokuhin"),
    ("菜花 みく|なばな みく", 1994, "chuo", "cook shopping clean", EVENINGS, "会社員", "reiji-shokuhin"),
    ("稲穂 まさる|いなほ まさる", 1977, "kawaminami", "cook heavy garden", WEEKEND, "会社員", "reiji-shokuhin"),
    ("麦秋 りえ|ばくしゅう りえ", 1981, "minato", "cook clean shopping", EVENINGS, "会社員", "reiji-shokuhin"),
    ("梅香 ちか|うめか ちか", 1992, "yamate", "cook talk laundry", WEEKEND, "会社員", "reiji-shokuhin"),
    ("桃井 つばさ|ももい つばさ", 1986, "kawakita", "shopping cook tech", EVENINGS, "会社員", "reiji-shokuhin"),
    ("轍 こうじ|わだち こうじ", 1971, "matsubara", "ride heavy company", DAYS, "会社員", "tameshi-unyu"),
    ("遠道 ゆみ|とおみち ゆみ", 1984, "hamabe", "ride company shopping", DAYS, "会社員", "tameshi-unyu"),
    ("峠 かずお|とうげ かずお", 1968, "yamate", "heavy garden company", WEEKEND, "会社員", "tameshi-unyu"),
    ("礎 だいち|いしずえ だいち", 1980, "midori", "heavy garden tech", WEEKEND, "会社員", "karina-kensetsu"),
    ("松風 よし|まつかぜ よし", 1951, "matsubara", "garden talk stroll", DAYS, "元 教員", ""),
    ("磯辺 たけ|いそべ たけ", 1955, "minato", "talk stroll shopping", DAYS, "元 漁師", ""),
    ("浜木綿 せつ|はまゆう せつ", 1957, "hamabe", "talk cook laundry", DAYS, "主婦", ""),
    ("千草 はつ|ちぐさ はつ", 1950, "chuo", "talk paper stroll", MORNINGS, "元 市職員", ""),
    ("露草 ふじ|つゆくさ ふじ", 1959, "kawaminami", "clean laundry cook", DAYS, "主婦", ""),
    ("常盤 いわお|ときわ いわお", 1954, "kawakita", "garden heavy company", DAYS, "元 大工", ""),
    ("紅葉 いろは|もみじ いろは", 2003, "minato", "child tech event", STUDENT, "大学生", ""),
    ("蛍 ひかり|ほたる ひかり", 2005, "chuo", "tech stroll event", STUDENT, "大学生", ""),
    ("笹舟 りょう|ささふね りょう", 2002, "kawakita", "heavy tech garden", STUDENT, "専門学校生", ""),
    ("鈴音 かな|すずね かな", 1978, "midori", "child clean shopping", DAYS, "保育士", ""),
    ("花守 みどり|はなもり みどり", 1964, "hamabe", "child talk garden", DAYS, "元 保育士", ""),
    ("水面 しずか|みなも しずか", 1973, "minato", "clean laundry company", DAYS, "自営業", ""),
    ("木枯 まこと|こがらし まこと", 1961, "chuo", "paper company talk", DAYS, "元 銀行員", ""),
    ("雲雀 のぞみ|ひばり のぞみ", 1997, "yamate", "stroll tech talk", EVENINGS, "看護助手", ""),
    ("潮見 わたる|しおみ わたる", 1976, "minato", "heavy garden stroll", WEEKEND, "漁業", ""),
)  # fmt: skip

_KITA_MORE = (
    ("早苗 とも|さなえ とも", 1988, "ekimae", "shopping clean talk", DAYS, "会社員", "mihon-denki"),
    ("高原 すず|たかはら すず", 1992, "kogen", "talk tech stroll", EVENINGS, "会社員", "mihon-denki"),
    ("里山 げん|さとやま げん", 1956, "satoyama", "garden heavy talk", DAYS, "元 農業", ""),
    ("雪代 まゆ|ゆきしろ まゆ", 1990, "ekimae", "cook laundry clean", EVENINGS, "会社員", ""),
    ("岩清水 ひで|いわしみず ひで", 1949, "kawakami", "talk stroll garden", DAYS, "元 郵便局員", ""),
    ("木霊 りん|こだま りん", 2004, "ekimae", "tech event child", STUDENT, "大学生", ""),
    ("沢渡 ふみお|さわたり ふみお", 1963, "kawakami", "ride heavy company", DAYS, "自営業", ""),
    ("晴間 ちえ|はれま ちえ", 1970, "satoyama", "child clean cook", DAYS, "保育士", ""),
    ("霜月 あつし|しもつき あつし", 1981, "kogen", "heavy garden tech", WEEKEND, "会社員", "karina-kensetsu"),
    ("小糠 うい|こぬか うい", 1995, "ekimae", "shopping talk laundry", EVENINGS, "会社員", "hinagata-shinkin"),
)  # fmt: skip


def _plain(number: int, town: int, row: tuple[object, ...]) -> Helper:
    both, year, area, skills, times, occupation, company = row
    name, kana = str(both).split("|")
    codes = str(skills).split()
    checks: tuple[tuple[str, str], ...] = ()
    if "child" in codes:
        checks += (BACKGROUND, COURSE_CHILD)
    if "ride" in codes:
        checks += (LICENCE,)
    if number % 4 == 1 and "talk" in codes:
        checks += (COURSE_DEMENTIA,)
    car = "ride" in codes or number % 3 == 0
    return Helper(
        key=f"{'m' if town == MIDORI else 'k'}{number:02d}",
        name=name,
        kana=kana,
        born=f"{year}-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
        area=str(area),
        skills=dict.fromkeys(codes, ""),
        times=times,  # type: ignore[arg-type]
        gender=("female", "male", "")[number % 3],
        occupation=str(occupation),
        travel="car" if car else "bicycle",
        limit_m=12_000 if car else 7_000,
        checks=checks,
        company=str(company),
        town=town,
    )


HELPERS += tuple(_plain(n, MIDORI, row) for n, row in enumerate(_MORE, start=1))
HELPERS += tuple(_plain(n, KITA, row) for n, row in enumerate(_KITA_MORE, start=1))

#: People who can be helped to bring a small town about.
SMALL_HELPERS = frozenset(
    ["ken", "jun", "tae", "nao", "wakakusa", *(f"m{n:02d}" for n in range(1, 10)), "m22", "k01"]
)

MOTHER = ("青空 ふみ", "あおぞら ふみ", "1944-05-03", "母")
ASKERS: tuple[Asker, ...] = (
    Asker(
        "minami", "青空 みなみ", "あおぞら みなみ", "1981-08-14", KITA, "ekimae", "介護",
        (
            Home("haha", "other_home", "母の家", MIDORI, "minato", MOTHER,
                 "耳が少し遠いので、ゆっくり話してください"),
            Home("own", "own_home", "自分の家", KITA, "ekimae"),
        ),
        "female", "会社員", coins=320, wants=("shopping", "garden", "talk"),
    ),
    Asker(
        "nami", "潮騒 なみ", "しおさい なみ", "1979-03-09", MIDORI, "minato", "子育てと介護",
        (
            Home("own", "own_home", "自分の家", MIDORI, "minato"),
            Home("chichi", "other_home", "父の家", MIDORI, "hamabe",
                 ("潮騒 いさお", "しおさい いさお", "1946-10-10", "父")),
        ),
        "female", "パート", wants=("shopping", "stroll", "clean"),
    ),
    Asker(
        "yu", "花曇 ゆう", "はなぐもり ゆう", "1990-12-01", MIDORI, "chuo", "子育て",
        (
            Home("own", "own_home", "自分の家", MIDORI, "chuo"),
            Home("park", "public", "見本公民館", MIDORI, "minato"),
        ),
        "male", "会社員", wants=("clean", "cook", "laundry"),
    ),
    Asker(
        "ren", "雨宿 れん", "あまやどり れん", "2007-02-20", MIDORI, "hamabe", "ヤングケアラー",
        (
            Home("own", "own_home", "自分の家", MIDORI, "hamabe"),
            Home("sobo", "other_home", "祖母の家", MIDORI, "yamate",
                 ("雨宿 きぬ", "あまやどり きぬ", "1943-07-07", "祖母")),
        ),
        "", "大学生", wants=("cook", "talk", "shopping"),
    ),
    Asker(
        "sato", "小春日 さと", "こはるび さと", "1968-11-23", MIDORI, "yamate", "介護",
        (
            Home("haha", "other_home", "母の家", MIDORI, "chuo",
                 ("小春日 うめ", "こはるび うめ", "1940-01-15", "母")),
            Home("own", "own_home", "自分の家", MIDORI, "yamate"),
        ),
        "female", "自営業", wants=("garden", "talk", "clean"),
    ),
)  # fmt: skip

_MORE_ASKERS = (
    ("木立 あや|こだち あや", 1984, KITA, "kogen", "介護", "父の家", MIDORI, "chuo", "木立 てつ|こだち てつ", 1945, "父"),
    ("雲海 しゅん|うんかい しゅん", 1976, KITA, "satoyama", "介護", "母の家", MIDORI, "hamabe", "雲海 とめ|うんかい とめ", 1941, "母"),
    ("霧島 まこと|きりしま まこと", 1972, KITA, "kawakami", "介護", "母の家", MIDORI, "minato", "霧島 すえ|きりしま すえ", 1942, "母"),
    ("氷室 なつ|ひむろ なつ", 1993, KITA, "ekimae", "子育て", "弟の家", MIDORI, "yamate", "氷室 あき|ひむろ あき", 1997, "弟"),
    ("有明 しほ|ありあけ しほ", 1987, MIDORI, "minato", "子育て", "母の家", MIDORI, "minato", "有明 みよ|ありあけ みよ", 1950, "母"),
    ("入江 ごう|いりえ ごう", 1965, MIDORI, "hamabe", "介護", "母の家", MIDORI, "hamabe", "入江 きよ|いりえ きよ", 1938, "母"),
    ("岬 ほのか|みさき ほのか", 1995, MIDORI, "yamate", "子育て", "祖父の家", MIDORI, "chuo", "岬 げんじ|みさき げんじ", 1947, "祖父"),
    ("川瀬 いずみ|かわせ いずみ", 1980, MIDORI, "kawakita", "介護", "母の家", MIDORI, "yamate", "川瀬 はな|かわせ はな", 1939, "母"),
    ("砂原 ひさし|すなはら ひさし", 1970, MIDORI, "matsubara", "介護", "父の家", MIDORI, "minato", "砂原 とく|すなはら とく", 1940, "父"),
    ("緑川 ともこ|みどりかわ ともこ", 1978, MIDORI, "midori", "子育て", "母の家", MIDORI, "chuo", "緑川 しげ|みどりかわ しげ", 1948, "母"),
    ("南風 かおる|みなみかぜ かおる", 1983, MIDORI, "kawaminami", "介護", "母の家", MIDORI, "hamabe", "南風 よね|みなみかぜ よね", 1943, "母"),
)  # fmt: skip


def _plain_asker(number: int, row: tuple[object, ...]) -> Asker:
    both, year, town, area, group, label, place_town, place_area, of, of_year, relation = row
    name, kana = str(both).split("|")
    of_name, of_kana = str(of).split("|")
    recipient = (of_name, of_kana, f"{of_year}-0{number % 9 + 1}-11", str(relation))
    wants = (
        ("shopping", "talk", "garden"),
        ("clean", "shopping", "tech"),
        ("talk", "cook", "heavy"),
        ("garden", "laundry", "shopping"),
    )[number % 4]
    return Asker(
        key=f"c{number:02d}",
        name=name,
        kana=kana,
        born=f"{year}-{number % 12 + 1:02d}-{number + 3:02d}",
        town=int(str(town)),
        area=str(area),
        group=str(group),
        homes=(
            Home(
                "other", "other_home", str(label), int(str(place_town)), str(place_area), recipient
            ),
            Home("own", "own_home", "自分の家", int(str(town)), str(area)),
        ),
        gender=("female", "male")[number % 2],
        wants=wants,
    )


ASKERS += tuple(_plain_asker(n, row) for n, row in enumerate(_MORE_ASKERS, start=1))
SMALL_ASKERS = frozenset(["minami", "nami", "yu", "ren", "sato", "c01"])

#: slug, name, reading, employees: all in one size band, so that the ranking has rows.
COMPANIES = (
    ("mihon-denki", "みほん電機株式会社", "みほんでんき", 1240),
    ("hinagata-shinkin", "ひながた信用金庫", "ひながたしんようきんこ", 1010),
    ("reiji-shokuhin", "れいじ食品株式会社", "れいじしょくひん", 1480),
    ("tameshi-unyu", "ためし運輸株式会社", "ためしうんゆ", 1720),
    ("karina-kensetsu", "かりな建設株式会社", "かりなけんせつ", 1130),
)

#: town, key, role, title, name, reading, area.
STAFF = (
    (MIDORI, "officer", "officer", "福祉課 主任", "霧島 はる", "きりしま はる", ""),
    (MIDORI, "chief", "officer", "福祉課 課長", "大樹 まさ", "おおき まさ", ""),
    (MIDORI, "coordinator", "coordinator", "港・浜辺 生活支援コーディネーター", "星野 なぎ", "ほしの なぎ", "minato"),
    (MIDORI, "coordinator-2", "coordinator", "山手・川北 生活支援コーディネーター", "若草 みち", "わかくさ みち", "yamate"),
    (MIDORI, "coordinator-3", "coordinator", "中央・川南 生活支援コーディネーター", "泉 かなえ", "いずみ かなえ", "chuo"),
    (MIDORI, "office", "office", "社会福祉協議会 事務局", "浅瀬 とも", "あさせ とも", ""),
    (KITA, "officer", "officer", "長寿福祉課 主任", "峰 かずみ", "みね かずみ", ""),
    (KITA, "chief", "officer", "長寿福祉課 課長", "谷川 じん", "たにがわ じん", ""),
    (KITA, "coordinator", "coordinator", "駅前・高原 生活支援コーディネーター", "杉原 ゆき", "すぎはら ゆき", "ekimae"),
    (KITA, "office", "office", "社会福祉協議会 事務局", "小道 あおい", "こみち あおい", ""),
)  # fmt: skip
