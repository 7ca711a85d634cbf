"""``./kyojo programme``: what it prints, and the one line that ends bad input."""

import json
from pathlib import Path

import pytest

from kyojo.__main__ import main

HEAD = "person,born,insured,lives,works,studies,activity,host,rewarded,start,end\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twelve hours of a resident of 75 on twelve days, and one of somebody of another town."""
    rows = [
        f"hana,1950-05-01,first,1,0,0,any,any,0,2026-04-{day:02}T09:00,2026-04-{day:02}T10:00\n"
        for day in range(1, 13)
    ]
    rows.append("taro,1950-05-01,first,0,0,0,any,any,0,2027-03-31T09:00,2027-03-31T10:00\n")
    path = tmp_path / "log.csv"
    path.write_text(HEAD + "".join(rows), "utf-8")
    return path


def run(*arguments: object) -> int:
    return main(["programme", *map(str, arguments)])


def test_simulate_prints_what_the_issue_says(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("simulate", "inagi", log, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["programme"] == "inagi"
    assert set(found["years"]) == {"2026"}
    hana, taro = found["years"]["2026"]["hana"], found["years"]["2026"]["taro"]
    assert (hana["units"], hana["granted"], hana["value_yen"]) == (12, 1000, 1000)
    assert hana["lines"][0] == {"line": 2, "units": 1, "rule": "earning.units"}
    assert [line["line"] for line in hana["lines"]] == list(range(2, 14))
    assert taro["lines"] == [{"line": 14, "units": 0, "rule": "who.relation"}]


def test_simulate_takes_a_path_and_cp932(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kyojo.civic.programmes.rules.presets import preset

    document = tmp_path / "わたしたちの制度.toml"
    document.write_text(preset("sanjo").replace("units = 10", "units = 4"), "utf-8")
    text = log.read_text("utf-8").replace("hana", "花")
    log.write_bytes(text.encode("cp932"))
    assert run("simulate", document, log, "--json") == 0
    assert json.loads(capsys.readouterr().out)["years"]["2026"]["花"]["granted"] == 3


def test_simulate_without_json_is_a_table(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("simulate", "yokohama", log) == 0
    shown = capsys.readouterr().out
    assert "hana" in shown and "2,400" in shown


def test_explain_gives_a_sentence_a_line(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "inagi", log, "--person", "hana") == 0
    shown = capsys.readouterr().out
    assert shown.count("行目：") == 12
    assert "2行目：1時間の手伝いごとに1スタンプの決まりなので、1スタンプになりました。" in shown
    assert (
        "12スタンプが1,000ポイントになりました。残りの2スタンプは、年度の終わりに消えます。"
        in shown
    )
    assert "taro" not in shown
    assert run("explain", "inagi", log, "--person", "nobody") == 2


def test_validate_names_every_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kyojo.civic.programmes.rules.presets import preset

    assert run("validate", "sanjo") == 0
    assert "earning.year_most" in capsys.readouterr().out  # flagged, kept
    document = tmp_path / "broken.toml"
    document.write_text(preset("inagi").replace("= 60", "= 0").replace("= 1000", "= -1"), "utf-8")
    assert run("validate", document) == 2
    shown = capsys.readouterr().err
    assert "earning.minutes" in shown and "conversion.grants" in shown
    document.write_text(preset("inagi").replace("year_most = 5000", "year_most = 90000"), "utf-8")
    assert run("validate", document) == 2
    assert "全国基準2026" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "programme what?"),
        (["dance"], "programme what?"),
        (["simulate", "nowhere", "LOG"], "nowhere"),
        (["simulate", "inagi", "missing.csv"], "missing.csv"),
        (["simulate", "inagi"], "required"),
    ],
)
def test_bad_input_ends_in_one_line(
    arguments: list[str], said: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*[log if one == "LOG" else one for one in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.strip().splitlines()) == 1


def test_a_bad_row_ends_in_one_line(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(log.read_text("utf-8").replace("first", "thrid", 1), "utf-8")
    assert run("simulate", "inagi", log) == 2
    assert "2行目の「insured」" in capsys.readouterr().err
