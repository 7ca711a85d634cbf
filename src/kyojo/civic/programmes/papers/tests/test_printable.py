"""Words of others on paper: what the typefaces lack is marked, and nothing is refused for it."""

from datetime import date

import pytest

from kyojo.civic.programmes.papers.own_data import Kind, own_data_pdf
from kyojo.civic.programmes.papers.typesetting import missing_in, printable


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ありがとう", "ありがとう"),
        ("髙島 﨑 ①", "髙島 﨑 ①"),
        ("\u2764 \u2764\ufe0f", "〓 〓"),
        ("\u2764\ufe0f \u2764", "〓 〓"),
        ("\U0001f9e1\n\u2b50\ufe0f", "〓\n〓"),
    ],
)
def test_what_the_typefaces_lack_is_marked(words, expected):
    assert printable(words) == expected
    assert not [one for one in missing_in(printable(words)) if not one.isspace()]


def test_a_paper_with_hearts_is_made():
    kinds = [Kind("もらったことば", [[("ことば", "\u2764 と \u2764\ufe0f をありがとう")]])]
    whole = {"holder": "青空 みなみ", "number": "M-1", "made_on": date(2026, 11, 29)}
    paper = own_data_pdf(kinds, town="み\u2764どり浜市", office="\u2764\ufe0f 事務局", **whole)
    assert paper.startswith(b"%PDF")
