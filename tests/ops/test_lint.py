"""What ``./kyojo lint`` and ``./kyojo test`` decide themselves."""

import pytest

from kyojo.doors.ops import lint, testing
from kyojo.doors.ops.errors import Failed

HASH = "--hash=sha256:" + "0" * 64


def test_the_project_s_own_locks_are_sound():
    assert lint.locks() == (0, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"django==5.2.1 \\\n    {HASH}\n", None),
        (f"django[x]==5.2.1 ; sys_platform == 'linux' \\\n    {HASH} \\\n    {HASH}\n", None),
        (f"Django_CSP==1 {HASH}\n", "lacks django"),
        ("django==5.2.1\n", "not a name, a version and hashes"),
        (f"django>=5 {HASH}\n", "not a name, a version and hashes"),
        (f"--find-links https://somewhere/simple\ndjango==5.2.1 {HASH}\n", "a download address"),
        (f"django @ https://somewhere/d.whl {HASH}\n", "a download address"),
    ],
)
def test_a_lock_holds_names_versions_and_hashes_only(tmp_path, text, problem):
    lock = tmp_path / "requirements.lock"
    lock.write_text(text)
    _, problems = lint.lock_read(lock, ["django[argon2]>=5.2,<5.3"])
    if problem is None:
        assert problems == []
    else:
        assert any(problem in said for said in problems), problems


def test_paths_are_read_where_the_caller_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test_it.py").touch()
    assert testing.anchored("test_it.py::test_a") == f"{tmp_path}/test_it.py::test_a"
    assert testing.anchored("-k") == "-k"
    assert testing.anchored("nothing.py") == "nothing.py"


def test_no_chromium_is_a_reason_on_a_laptop_and_a_failure_in_ci(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KYOJO_CHROMIUM", str(tmp_path / "none"))
    monkeypatch.setenv("KYOJO_NO_CHROMIUM_REASON", "")  # put back afterwards
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed, match="cannot be run"):
        testing.browser_prepare()
    monkeypatch.delenv("CI")
    testing.browser_prepare()
    assert "no browser tests" in capsys.readouterr().err
    import os

    assert "cannot be run" in os.environ["KYOJO_NO_CHROMIUM_REASON"]
