"""When somebody is asked once more, what they are asked, and what a guesser learns: nothing."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from kyojo.civic.people import stepping_domain as d
from kyojo.kernel.clock import TOKYO

CATEGORIES = ["庭の手入れ", "買い物", "そうじ", "料理", "話し相手", "さんぽ"]
SEED = b"of the tests"
DAY = timedelta(days=1)


def met(number: int, name: str = "春風", category: str = "買い物", came: bool = True) -> d.Met:
    at = datetime(2026, 11, 20 - number, 9 + number * 3, tzinfo=TOKYO)
    return d.Met(name, category, at, came)


VISITS = [met(0), met(1, "朝露", "そうじ"), met(2, "夕凪", "さんぽ", came=False)]


@pytest.mark.parametrize(
    ("known", "silent_days", "act", "coins", "available", "asked"),
    [
        (True, 0, "erasure", 0, 0, False),  # nothing unusual
        (True, 0, "coins_give", 5_000, 5_000, False),
        (True, 59, "payout_account", 0, 0, False),
        (True, 60, "payout_account", 0, 0, True),
        (True, 60, "home_change", 0, 0, True),
        (True, 60, "coins_give", 10, 1_000, False),
        (True, 60, "coins_give", 100, 1_000, True),
        (True, 60, "coins_give", 30, 60, True),  # half of what there is
        (False, 0, "coins_give", 10, 1_000, False),
        (False, 0, "coins_give", 100, 1_000, True),
        (False, 0, "visit_confirm", 20, 30, True),
        (False, 0, "visit_confirm", 20, 300, False),
        (False, 0, "passkey_add", 0, 0, True),
        (False, 0, "data_export", 0, 0, True),
        (False, 90, "coins_give", 10, 1_000, True),
    ],
)
def test_when_it_is_asked(known, silent_days, act, coins, available, asked):
    situation = d.Situation(act, known, silent_days * DAY, coins, available)
    assert d.is_asked(situation) is asked


def test_a_question_for_each_of_the_last_three_visits():
    asked = d.questions(VISITS, categories=CATEGORIES, seed=SEED)
    assert [one.text for one in asked] == [
        "いちばん新しい支援で、来てくれた人はだれですか",
        "その1つ前の支援で、何をしましたか",
        "さらに1つ前の支援で、何曜日でしたか",
    ]
    for one in asked:
        assert len(one.choices) == len(set(one.choices)) == d.CHOICES + 1
        assert one.choices[-1] == d.NONE_OF_THESE


def test_the_same_moment_asks_the_same_and_the_next_turn_something_else():
    first = d.questions(VISITS, categories=CATEGORIES, seed=SEED)
    assert d.questions(VISITS, categories=CATEGORIES, seed=SEED) == first
    second = d.questions(VISITS, categories=CATEGORIES, seed=SEED, turn=1)
    assert not {one.text for one in first} & {one.text for one in second}


def test_the_true_one_is_marked_and_now_and_then_it_is_not_there():
    truth = {"だれ": "春風さん", "何をしました": "買い物", "何曜日": "金曜日", "いつごろ": "朝"}
    absent, places = 0, Counter()
    for number in range(400):
        one = d.questions(
            VISITS, categories=CATEGORIES, seed=str(number).encode(), turn=number % 4
        )[0]
        true = next(answer for sign, answer in truth.items() if sign in one.text)
        shown = [place for place, text in enumerate(one.choices) if text.startswith(true)]
        if shown:
            assert shown == [one.right]
            places[one.right] += 1
        else:
            assert one.right == d.CHOICES
            absent += 1
    assert 60 < absent < 140  # about one in four
    assert set(places) == set(range(d.CHOICES))
    assert max(places.values()) < 2 * min(places.values())


def test_the_answers_are_kept_as_hashes_of_their_own_round():
    asked = d.questions(VISITS, categories=CATEGORIES, seed=SEED)
    hashes = d.hashes_of(asked, b"key")
    right = [str(one.right) for one in asked]
    assert d.all_right(hashes, right, b"key")
    assert not d.all_right(hashes, right, b"another")
    assert not d.all_right(hashes, right[:2], b"key")
    assert not d.all_right([], [], b"key")
    for number in range(3):
        wrong = [*right]
        wrong[number] = str((int(wrong[number]) + 1) % (d.CHOICES + 1))
        assert not d.all_right(hashes, wrong, b"key")
    assert len(set(d.hashes_of([asked[0]] * 3, b"key"))) == 3


def test_too_little_history_asks_nothing():
    assert not d.has_history(VISITS[:2])
    with pytest.raises(AssertionError):
        d.questions(VISITS[:2], categories=CATEGORIES, seed=SEED)
