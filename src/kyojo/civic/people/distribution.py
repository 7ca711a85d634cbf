"""Distribution (配布): coins for a list of carers, from a file.

checked → (waiting for a second officer, when large) → done; or cancelled. Each line is stored with
the person and the amount, or with what is wrong with it. Nothing moves before the last step, and
then everything moves in one call to the ledger, or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.errors import (
    NotWaiting,
    OrderDiffers,
    ReasonMissing,
    SecondOfficerNeeded,
)
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.selectors import programme_current
from kyojo.civic.programmes.services import coins_distribute
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, NotFound, Refusal
from kyojo.kernel.ids import derived_id
from kyojo.ledger.errors import LedgerRefusal

from . import distribution_file as file
from .coin_accounts import accounts_ensure
from .distribution_file import Line
from .distribution_lines import rows_checked
from .models import Distribution, DistributionRow, StaffRole, User
from .services import News, act_record, notices_send

State = Distribution.State


class LinesToMend(Invalid):
    code = "lines_to_mend"
    sentence = (
        "直すところが{count}行あります。直したファイルを出しなおすか、"
        "「先に配る」を選んでください。"
    )


class NobodyToReceive(Invalid):
    code = "nobody_to_receive"
    sentence = "配れる人がいません。直したファイルを出しなおしてください。"


class PeopleChanged(Refusal):
    code = "people_changed"
    sentence = (
        "確認のあとに、{count}人の登録が変わりました。"
        "まだ何も配っていません。ファイルを出しなおしてください。"
    )


class LineRefused(Refusal):
    """The ledger refused one line, and with it all of them."""

    code = "line_refused"
    sentence = (
        "{line}行目の方に届けられなかったため、まだ誰にも配っていません。"
        "この行をのぞいて、ファイルを出しなおしてください。"
    )


class OwnCoins(Refusal):
    code = "own_coins"
    sentence = "自分に届く配布は、自分では承認できません。もう1人の職員に、承認をたのんでください。"


@dataclass(frozen=True)
class DistributionSummary:
    """What the pages show of one distribution."""

    good_count: int
    problem_count: int
    needs_second_officer: bool


def officer_only(by: User) -> None:
    """Coins are an officer's task; to everybody else there is nothing here (``NotFound``)."""
    if not StaffRole.objects.filter(user_id=by.pk, role=StaffRole.Role.OFFICER).exists():
        raise NotFound()


# --- checking -------------------------------------------------------------------------------------
@transaction.atomic
def distribution_check(
    *, uid: UUID, by: User, programme_code: str, file_name: str, data: bytes
) -> Distribution:
    """Read the file and store every line with its person and amount, or with its problem.

    The same file under the same ``uid`` again changes nothing and returns the first result.

    Raises:
        NotFound: ``by`` is no officer. ProgrammeMissing. FileEmpty, FileTooLarge, FileIsWorkbook,
            FileUnreadable, ColumnsMissing, ColumnTwice: the whole file is unusable, nothing is
            stored. OrderDiffers: ``uid`` came with another file.
    """
    officer_only(by)
    _, rules = programme_current(programme_code)
    lines, encoding = file.lines_of(data)
    before = Distribution.objects.filter(uid=uid).first()
    if before is not None:
        _same_file(before, lines, by)
        return before
    rows = rows_checked(lines, rules, by)
    try:
        with transaction.atomic():
            distribution = Distribution.objects.create(
                uid=uid,
                programme_code=programme_code,
                file_name=file_name[-200:],
                file_encoding=encoding,
                state=State.CHECKED,
                fiscal_year=clock.fiscal_year(),
                total=sum(row.amount for row in rows if row.problem is None),
                created_by=by,
            )
    except IntegrityError:
        raise OrderDiffers() from None
    for row in rows:
        row.distribution = distribution
    DistributionRow.objects.bulk_create(rows, batch_size=2000)
    _act(by, "distribution_checked", distribution)
    return distribution


def _same_file(before: Distribution, lines: Sequence[Line], by: User) -> None:
    stored = before.rows.values_list("line", "raw")
    if before.created_by_id != by.pk or list(stored) != [
        (line.line, dict(line.values)) for line in lines
    ]:
        raise OrderDiffers()


# --- deciding -------------------------------------------------------------------------------------
def _locked(uid: UUID) -> Distribution:
    distribution = Distribution.objects.select_for_update(of=("self",)).filter(uid=uid).first()
    if distribution is None:
        raise NotFound()
    return distribution


@transaction.atomic
def distribution_submit(*, uid: UUID, by: User, reason: str, only_good: bool) -> Distribution:
    """Ask for the distribution. Up to the programme's bound it is done at once; above it, it
    waits for a second officer. Asking again changes nothing.

    Raises:
        LinesToMend: lines with problems, and ``only_good`` was not chosen. NobodyToReceive.
        ReasonMissing. TreasuryShort: with the missing number. LineRefused: which line.
        PeopleChanged. NotWaiting: it was cancelled. NotFound. Whatever is raised, nothing moved.
    """
    officer_only(by)
    distribution = _locked(uid)
    if distribution.state in (State.WAITING, State.DONE):
        return distribution
    if distribution.state != State.CHECKED:
        raise NotWaiting(state=distribution.get_state_display())
    problems = distribution.rows.filter(problem__isnull=False).count()
    if not distribution.rows.filter(problem__isnull=True).exists():
        raise NobodyToReceive()
    if problems and not only_good:
        raise LinesToMend(field="only_good", count=problems)
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonMissing(field="reason")
    programme, rules = programme_current(distribution.programme_code)
    distribution.reason = reason
    distribution.state = State.WAITING
    distribution.save(update_fields=["reason", "state"])
    _act(by, "distribution_submitted", distribution)
    if not rules.second_officer_needed(distribution.total):
        _distribute(distribution, programme, rules, approved_by=None, by=by)
    return distribution


@transaction.atomic
def distribution_approve(*, uid: UUID, by: User) -> Distribution:
    """Distribute what waits. Approving what is done already changes nothing.

    Raises:
        SecondOfficerNeeded: ``by`` made it. OwnCoins: ``by`` would receive. NotWaiting: not
            submitted, or cancelled. TreasuryShort, LineRefused, PeopleChanged: nothing has moved.
            NotFound.
    """
    officer_only(by)
    distribution = _locked(uid)
    if distribution.created_by_id == by.pk:
        raise SecondOfficerNeeded()
    if distribution.state == State.DONE:
        return distribution
    if distribution.state != State.WAITING:
        raise NotWaiting(state=distribution.get_state_display())
    if distribution.rows.filter(problem__isnull=True, person__user=by).exists():
        raise OwnCoins()
    programme, rules = programme_current(distribution.programme_code)
    _distribute(distribution, programme, rules, approved_by=by, by=by)
    return distribution


@transaction.atomic
def distribution_cancel(*, uid: UUID, by: User) -> Distribution:
    """Take it back before anything moved. Raises NotWaiting when it is done, NotFound."""
    officer_only(by)
    distribution = _locked(uid)
    if distribution.state == State.DONE:
        raise NotWaiting(state=distribution.get_state_display())
    if distribution.state != State.CANCELLED:
        distribution.state = State.CANCELLED
        distribution.save(update_fields=["state"])
        _act(by, "distribution_cancelled", distribution)
    return distribution


def _distribute(
    distribution: Distribution,
    programme: Programme,
    rules: CoinRules,
    *,
    approved_by: User | None,
    by: User,
) -> None:
    rows = list(distribution.rows.filter(problem__isnull=True).select_related("person"))
    receivers = [
        (row.line, row.person, int(row.amount or 0))
        for row in rows
        if row.person is not None
        and row.person.left_at is None
        and row.person.carer_since is not None
    ]
    if len(receivers) != len(rows):
        raise PeopleChanged(count=len(rows) - len(receivers))
    vintage = rules.vintage_distributed(distribution.fiscal_year)
    accounts = accounts_ensure(
        person_ids=[person.pk for _, person, _ in receivers], vintage=vintage
    )
    try:
        coins_distribute(
            distribution_uid=distribution.uid,
            programme=programme,
            entries=[
                (accounts[person.pk], amount, derived_id(distribution.uid, line))
                for line, person, amount in receivers
            ],
        )
    except LedgerRefusal as refused:
        raise LineRefused(line=receivers[refused.index][0], reason=refused.code) from refused
    distribution.state = State.DONE
    distribution.approved_by = approved_by
    distribution.done_at = clock.now()
    distribution.save(update_fields=["state", "approved_by", "done_at"])
    town = Municipality.objects.get(pk=current()).name
    last_day = f"{rules.expires_on(vintage):%Y年%-m月%-d日}"
    notices_send(
        kind="coins_distributed",
        key=f"distribution:{distribution.uid}",
        news=[
            News(
                person=person,
                title=f"{town}から{amount:,}コインが届きました",
                body=f"使っても、お返しはいりません。{last_day}まで使えます。",
                path="/me/coins/",
            )
            for _, person, amount in receivers
        ],
    )
    _act(by, "distribution_done", distribution)


def _act(by: User, action: str, distribution: Distribution) -> None:
    act_record(
        actor=by, action=action, subject_kind="distribution", subject_id=str(distribution.uid)
    )


# --- reading --------------------------------------------------------------------------------------
def distribution_by_uid(uid: UUID) -> Distribution:
    """Raises ``NotFound``."""
    distribution = Distribution.objects.select_related("created_by").filter(uid=uid).first()
    if distribution is None:
        raise NotFound()
    return distribution


def distributions(*, limit: int = 50) -> list[Distribution]:
    """The newest first."""
    return list(Distribution.objects.all()[:limit])


def distributions_waiting() -> list[Distribution]:
    """What waits for a second officer, the oldest first."""
    return list(Distribution.objects.filter(state=State.WAITING).order_by("created_at"))


def distribution_summary(distribution: Distribution, rules: CoinRules) -> DistributionSummary:
    good = distribution.rows.filter(problem__isnull=True).count()
    return DistributionSummary(
        good_count=good,
        problem_count=distribution.rows.count() - good,
        needs_second_officer=rules.second_officer_needed(distribution.total),
    )
