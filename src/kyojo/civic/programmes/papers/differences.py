"""What changes from one outline to another (新旧対照表), article by article. Pure.

Articles are matched by key, paragraphs and items by likeness, words by ``difflib``. What stays is
（略）, what comes is （新設） on the old side, what goes is （削る） on the new one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

from .outline import Article, Outline, item_label
from .parts import Paragraph

SAME, ADDED, REMOVED = "（略）", "（新設）", "（削る）"
#: Below this likeness (0 to 1) two texts are two things, not one that was changed.
ALIKE = 0.4
_WORDS = re.compile(r"\d[\d,]*|[A-Za-z]+|[ァ-ヺー]+|[㐀-鿿々〆ヵヶ]+|.", re.S)
_SMALL = re.compile(r"[ぁ-ん、。・（）「」 　]{1,2}")

T = TypeVar("T")


class Span(NamedTuple):
    """A piece of a line; ``changed`` pieces are underlined."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """``level`` 0 a paragraph, 1 an item of it."""

    level: int
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        return "".join(one.text for one in self.spans)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; ``title`` names the article, or the articles that stay."""

    title: str
    old: tuple[Line, ...]
    new: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    old: Outline
    new: Outline
    rows: tuple[Row, ...]


def differences(old: Outline, new: Outline) -> Differences:
    """The table between two outlines of a programme. No row: nothing differs."""
    rows: list[Row] = []
    if old.title != new.title:
        rows.append(Row("題名", *_both(0, "", old.title, new.title)))
    staying: list[Article] = []
    changed = bool(rows)
    for before, after in _by_key(old, new):
        if before is not None and before == after:
            if not before.number:  # 附則 and 別記 are not in the row of the articles
                _left_out(rows, staying)
            staying.append(before)
            continue
        _left_out(rows, staying)
        rows.append(_row(before, after))
        changed = True
    _left_out(rows, staying)
    return Differences(old, new, tuple(rows) if changed else ())


def _by_key(old: Outline, new: Outline) -> list[tuple[Article | None, Article | None]]:
    """Articles of the same key, in the order that both outlines share."""
    before = {one.key: one for one in old.everything}
    after = {one.key: one for one in new.everything}
    keys: list[str] = []
    waiting = [one.key for one in old.everything]
    for one in new.everything:
        if one.key in waiting:
            at = waiting.index(one.key)
            keys += waiting[: at + 1]
            del waiting[: at + 1]
        else:
            keys.append(one.key)
    keys += waiting
    return [(before.get(key), after.get(key)) for key in keys]


def _left_out(rows: list[Row], staying: list[Article]) -> None:
    if staying:
        names = [one.heading for one in staying]
        line = Line(0, _spans(f"{_span_of(names)}　{SAME}", False))
        rows.append(Row(_span_of(names), (line,), (line,)))
        staying.clear()


def _span_of(names: Sequence[str]) -> str:
    if len(names) < 3:
        return "及び".join(names)
    return f"{names[0]}から{names[-1]}まで"


def _row(before: Article | None, after: Article | None) -> Row:
    if after is None:
        assert before is not None
        return Row(before.title, _whole(before), (Line(0, _spans(REMOVED, True)),))
    if before is None:
        return Row(after.title, (Line(0, _spans(ADDED, True)),), _whole(after))
    old, new = _titles(before, after)
    if before.paragraphs == after.paragraphs:
        lines = _labels(0, before.heading, after.heading)
        old += lines[0]
        new += lines[1]
    else:
        _paragraphs(before, after, old, new)
    return Row(after.title, tuple(old), tuple(new))


def _titles(before: Article, after: Article) -> tuple[list[Line], list[Line]]:
    if not after.number:
        return [Line(0, _spans(before.title, False))], [Line(0, _spans(after.title, False))]
    old, new = _both(0, "", f"（{before.title}）", f"（{after.title}）")
    return list(old), list(new)


def _whole(article: Article) -> tuple[Line, ...]:
    """An article of which there is no other."""
    title = f"（{article.title}）" if article.number else article.title
    found = [Line(0, _spans(title, True))]
    for i, paragraph in enumerate(article.paragraphs):
        found += _alone(article.label(i), paragraph)
    return tuple(found)


def _alone(label: str, paragraph: Paragraph) -> list[Line]:
    found = [Line(0, _spans(_labelled(label, paragraph.text), True))]
    for i, item in enumerate(paragraph.items):
        found.append(Line(1, _spans(_labelled(item_label(i), item), True)))
    return found


def _paragraphs(before: Article, after: Article, old: list[Line], new: list[Line]) -> None:
    def alike(one: Paragraph, other: Paragraph) -> float:
        return 1.0 if one == other else _likeness(one.text, other.text)

    same: list[tuple[str, str]] = []
    for i, j in _matched(before.paragraphs, after.paragraphs, alike):
        one = None if i is None else before.paragraphs[i]
        other = None if j is None else after.paragraphs[j]
        if i is not None and j is not None and one == other:
            same.append((before.label(i), after.label(j)))
            if not (i and j):  # the article's own number stands in a line of its own
                _same_lines(0, same, old, new)
            continue
        _same_lines(0, same, old, new)
        if one is not None and other is not None:
            assert i is not None
            assert j is not None
            _changed(_Pair(before.label(i), one), _Pair(after.label(j), other), old, new)
        elif one is not None and i is not None:
            old += _alone(before.label(i), one)
        elif other is not None and j is not None:
            new += _alone(after.label(j), other)
    _same_lines(0, same, old, new)


class _Pair(NamedTuple):
    label: str
    paragraph: Paragraph


def _changed(one: _Pair, other: _Pair, old: list[Line], new: list[Line]) -> None:
    """A paragraph that stands on both sides and differs in its text or in its items."""
    if one.paragraph.text == other.paragraph.text:
        lines = _labels(0, one.label, other.label)
    else:
        texts = (one.paragraph.text, other.paragraph.text)
        lines = _both(0, (one.label, other.label), *texts)
    old += lines[0]
    new += lines[1]
    before, after = one.paragraph.items, other.paragraph.items
    same: list[tuple[str, str]] = []
    for i, j in _matched(before, after, _likeness):
        if i is not None and j is not None and before[i] == after[j]:
            same.append((item_label(i), item_label(j)))
            continue
        _same_lines(1, same, old, new)
        if i is not None and j is not None:
            lines = _both(1, (item_label(i), item_label(j)), before[i], after[j])
            old += lines[0]
            new += lines[1]
        elif i is not None:
            old.append(Line(1, _spans(_labelled(item_label(i), before[i]), True)))
        elif j is not None:
            new.append(Line(1, _spans(_labelled(item_label(j), after[j]), True)))
    _same_lines(1, same, old, new)


def _same_lines(level: int, same: list[tuple[str, str]], old: list[Line], new: list[Line]) -> None:
    """What stays, in one line for each side; the labels of what moved are underlined."""
    if same:
        before, after = (_span_of([pair[side] for pair in same]) for side in (0, 1))
        lines = _labels(level, before, after)
        old += lines[0]
        new += lines[1]
        same.clear()


def _labels(level: int, before: str, after: str) -> tuple[tuple[Line], tuple[Line]]:
    moved = before != after
    old, new = (
        (*_spans(label, moved), Span(f"　{SAME}" if label else SAME, False))
        for label in (before, after)
    )
    return (Line(level, old),), (Line(level, new),)


def _labelled(label: str, text: str) -> str:
    return f"{label}　{text}" if label else text


# --- likeness and words ---------------------------------------------------------------------------


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _matched(
    old: Sequence[T], new: Sequence[T], alike: Callable[[T, T], float]
) -> list[tuple[int | None, int | None]]:
    """Which of ``old`` is which of ``new``, in order, so that all likeness together is greatest."""
    rows, columns = len(old), len(new)
    score = [[alike(one, other) for other in new] for one in old]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if score[i][j] >= ALIKE:
                best[i][j] = max(best[i][j], score[i][j] + best[i + 1][j + 1])
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if score[i][j] >= ALIKE and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    found += [(k, None) for k in range(i, rows)]
    found += [(None, k) for k in range(j, columns)]
    return found


def _both(
    level: int, label: str | tuple[str, str], old: str, new: str
) -> tuple[tuple[Line], tuple[Line]]:
    """Both sides of a text that was changed, the changed words marked."""
    labels = (label, label) if isinstance(label, str) else label
    left, right = marked(old, new)
    if any(labels):
        moved = labels[0] != labels[1]
        left = (*_spans(labels[0], moved), Span("　", False), *left)
        right = (*_spans(labels[1], moved), Span("　", False), *right)
    return (Line(level, left),), (Line(level, right),)


def marked(old: str, new: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Two texts, the words in which they differ marked. Numbers are whole words."""
    if old == new:
        return _spans(old, False), _spans(new, False)
    if _likeness(old, new) < ALIKE:
        return _spans(old, True), _spans(new, True)
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[tuple[bool, str, str]] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        pieces.append((tag != "equal", "".join(before[i:i_end]), "".join(after[j:j_end])))
    sides: tuple[list[Span], list[Span]] = ([], [])
    for k, (changed, *texts) in enumerate(pieces):
        # A particle between two changed words is underlined with them: confetti is hard to read.
        inside = 0 < k < len(pieces) - 1 and _SMALL.fullmatch(texts[0]) is not None
        for side, text in zip(sides, texts, strict=True):
            _append(side, text, changed or inside)
    return tuple(sides[0]), tuple(sides[1])


def _append(spans: list[Span], text: str, changed: bool) -> None:
    if not text:
        return
    if spans and spans[-1].changed == changed:
        spans[-1] = Span(spans[-1].text + text, changed)
    else:
        spans.append(Span(text, changed))


def _spans(text: str, changed: bool) -> tuple[Span, ...]:
    return (Span(text, changed),) if text else ()
