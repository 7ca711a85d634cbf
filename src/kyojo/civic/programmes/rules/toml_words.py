"""What is wrong with a text that is no TOML, in words: the line, and what may stand there."""

import re

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
#: How ``tomllib`` begins a message → what it means for whoever writes a document.
_MAY = (
    ("Expected ']]'", "表の名前を [[ ]] で閉じます"),
    ("Expected ']'", "表の名前を [ ] で閉じます"),
    ("Expected '='", "名前のあとに = と値を書きます"),
    ("Expected newline", "1行に書けるのは、1つのことだけです"),
    ("Cannot overwrite", "同じ名前を2回書くことはできません"),
    ("Duplicate inline table key", "同じ名前を2回書くことはできません"),
    ("Cannot declare", "同じ名前の表を2回書くことはできません"),
    ("Cannot mutate", "同じ名前の表を2回書くことはできません"),
    ("Cannot redefine", "同じ名前の表を2回書くことはできません"),
    ("Unclosed array", "並びを ] で閉じます"),
    ("Unclosed inline table", "表を } で閉じます"),
    ("Unterminated string", '文字を " で閉じます'),
    ("Illegal character '\\n'", '文字を、同じ行のうちに " で閉じます'),
    ("Unescaped", "文字のなかの \\ は、\\\\ と書きます"),
    ("Invalid date", "あるはずのない日付です。2026-04-01 のように書きます"),
    ("Invalid value", '文字は " " で囲み、数は半角で、はい・いいえは true か false と書きます'),
    ("Invalid initial character", "名前は半角の英小文字で書きます"),
    ("Invalid statement", "「名前 = 値」か、[表の名前] と書きます"),
)
_ELSE = "この行の書き方を、見本とくらべてください"
_UNFINISHED = "終わりまでに、値か、閉じるかっこ ] が足りません"
_TOO_MUCH = "かっこの重なりが深すぎるか、数が大きすぎます"


def said(error: Exception, text: str) -> tuple[int | None, str]:
    """The line where ``tomllib`` gave up, if it names one, and what may stand there."""
    message = str(error)
    place = _PLACE.search(message)
    if place is None:
        return None, _TOO_MUCH
    line = int(place[1]) if place[1] else max(1, len(text.splitlines()))
    may = next((words for begins, words in _MAY if message.startswith(begins)), _ELSE)
    if place[1] is None and message.startswith("Invalid value"):
        may = _UNFINISHED
    return line, f"{line}行目：{may}"
