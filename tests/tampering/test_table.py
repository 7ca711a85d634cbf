"""docs/guides/verify.md says which tampering is found by whom, in the words of the tests."""

import re
from pathlib import Path

from . import database, outside, outside_history, site
from .cases import DATABASE, OUTSIDE, SITE

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "verify.md"


def test_the_guide_and_the_tests_name_the_same():
    assert database and outside and outside_history and site  # importing them fills the lists
    cases = [*OUTSIDE, *DATABASE, *SITE]
    tested = {(each.words, each.by, ", ".join(each.codes)) for each in cases}
    assert len(tested) == len(cases), "two cases of the same words"
    text = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (verify|witness|check) \| (.+?) \|$", text, re.MULTILINE)
    told = {(words, by, codes.replace("`", "")) for words, by, codes in rows}
    assert len(told) == len(rows)
    assert told == tested
