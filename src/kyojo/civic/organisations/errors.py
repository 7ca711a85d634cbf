"""Refusals of the organisations room."""

from kyojo.kernel.errors import Invalid, Refusal
from kyojo.kernel.errors import OrderDiffers as OrderDiffers


class CompanyUnknown(Invalid):
    code = "company_unknown"
    sentence = "会社が見つかりません。一覧から選びなおしてください。"


class CompanyTaken(Refusal):
    code = "company_taken"
    sentence = "この名前（{slug}）の会社は、もう登録されています。"


class SlugWrong(Invalid):
    code = "slug_wrong"
    sentence = "ページの名前は、半角の小文字、数字、ハイフンで、2文字から40文字で入れてください。"


class EmployeesCountWrong(Invalid):
    code = "employees_count_wrong"
    sentence = "社員の人数は、1以上の数で入れてください。"


class AlreadyEmployed(Refusal):
    code = "already_employed"
    sentence = (
        "勤め先は、1つだけ登録できます。いまの登録（{company}）を終えてから、登録してください。"
    )


class EmploymentStepWrong(Refusal):
    """A step that the state machine does not know. ``before`` and ``after`` are states."""

    code = "employment_step_wrong"
    sentence = "この登録は、もう「{label}」になっています。画面を開きなおして確かめてください。"


class EndDayWrong(Invalid):
    code = "end_day_wrong"
    sentence = "終わりの日は、登録した日から、きょうまでの日にしてください。"
