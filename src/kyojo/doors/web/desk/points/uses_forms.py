"""Forms of the pages about using: accounts, stock, leaving, and what was paid."""

from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from kyojo.civic.earnings.errors import NothingChosen, PaperNotTheirs, RecipientNeeded
from kyojo.civic.earnings.services.stocking import MOST
from kyojo.civic.people.domain import BASES
from kyojo.civic.programmes.papers.zengin import Sender
from kyojo.kernel import text
from kyojo.kernel.errors import Invalids, Refusal

from ...forms import Choice, DateBoxesField, Form, OrderForm, WholeNumberField
from ...points.forms import PayeeForm
from ..forms import radio


# --- the office's account -------------------------------------------------------------------------
class AccountForm(Form):
    """The account from which a programme's office pays, as a bank's file asks for it."""

    sender_code = forms.CharField(
        label="委託者コード", max_length=10, help_text="銀行からもらった10けたの番号"
    )
    sender_name = forms.CharField(
        label="振り込む人の名前（カナ）", max_length=40, help_text="例：ミホンシカイケイカンリシヤ"
    )
    bank = forms.CharField(label="銀行の番号", max_length=4, help_text="4けた")
    bank_kana = forms.CharField(label="銀行の名前（カナ）", max_length=15)
    branch = forms.CharField(label="支店の番号", max_length=3, help_text="3けた")
    branch_kana = forms.CharField(label="支店の名前（カナ）", max_length=15)
    kind = radio(label="口座の種類", choices=[("1", "普通"), ("2", "当座"), ("9", "そのほか")])
    account = forms.CharField(label="口座番号", max_length=7, help_text="7けたまで")

    #: The form's fields, by those of ``zengin.Sender``.
    FIELDS: ClassVar[dict[str, str]] = {
        "code": "sender_code",
        "name": "sender_name",
        "bank_code": "bank",
        "bank_name": "bank_kana",
        "branch_code": "branch",
        "branch_name": "branch_kana",
        "account_type": "kind",
        "account_number": "account",
    }
    NUMBERS: ClassVar[tuple[str, ...]] = ("sender_code", "bank", "branch", "account")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.NUMBERS:
            self.fields[name].widget.attrs["inputmode"] = "numeric"
        for name in self.FIELDS.values():
            self.fields[name].widget.attrs["autocomplete"] = "off"

    @classmethod
    def begin(cls, known: Sender | None) -> "AccountForm":
        """The form as it begins: with the account that is known."""
        if known is None:
            return cls()
        return cls(initial={form: str(getattr(known, one)) for one, form in cls.FIELDS.items()})

    def clean(self) -> dict[str, Any]:
        """Numbers in plain digits; the file's own checks say the rest."""
        cleaned = super().clean() or {}
        for name in self.NUMBERS:
            if name in cleaned:
                cleaned[name] = text.normalised(cleaned[name]).replace("-", "")
        return cleaned

    def sender(self) -> Sender:
        values = {one: self.cleaned_data[form] for one, form in self.FIELDS.items()}
        return Sender(**{**values, "account_type": int(values["account_type"])})

    def refuse(self, refusal: Refusal) -> None:
        """A refusal names the part of the account; here it has its box."""
        for one in refusal.refusals if isinstance(refusal, Invalids) else [refusal]:
            one.field = self.FIELDS.get(one.field, one.field)
        super().refuse(refusal)


class PayOnForm(Form):
    """When an account that is known pays."""

    pay_on = DateBoxesField(label="振り込む日", example="2026、令和8、R8", future_only=True)


class BankForm(AccountForm, PayOnForm):
    """Whose account pays, and when; ``keep``: it is stored, so that nobody types it again."""

    keep = forms.BooleanField(
        label="この口座を保存して、次からは入れずにすむようにする", required=False
    )
    field_order = ("pay_on",)


# --- stock ----------------------------------------------------------------------------------------
class StockForm(Form):
    """How many of one item are left. ``item``: its place in the document; ``seen``: what the page
    showed."""

    item = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=9, required=False, widget=forms.HiddenInput)
    left = WholeNumberField(label="残り", maximum=MOST, required=False)

    @property
    def seen_number(self) -> int | None:
        seen = str(self.cleaned_data["seen"])
        return int(seen) if seen.isascii() and seen.isdecimal() else None


# --- leaving --------------------------------------------------------------------------------------
class LeavingForm(PayeeForm, OrderForm):
    """What happened, since when, where what is paid out goes to and to whom what is given.

    ``gifts``: (code, name, recipients) of each programme whose document names several;
    ``papers``: the tickets that are out.
    """

    day = DateBoxesField(label="いつから", example="2026、令和8、R8", past_only=True)
    ties = forms.MultipleChoiceField(
        label="転出したあとも、この町とつながりがありますか",
        required=False,
        help_text="なければ、何も選ばないでください。",
        choices=[("works", "働いている"), ("studies", "学んでいる")],
        widget=forms.CheckboxSelectMultiple,
    )
    papers = forms.MultipleChoiceField(
        label="もどってきた紙の券",
        required=False,
        help_text="手もとに受け取った券だけを選んでください。",
        widget=forms.CheckboxSelectMultiple,
    )
    confirm = forms.BooleanField(label="上の内容を確かめました")

    def __init__(
        self,
        *args: Any,
        event: str,
        is_paid: bool,
        gifts: list[tuple[str, str, tuple[str, ...]]] | None = None,
        papers: list[tuple[str, Choice]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if event == "death":
            self.fields["day"].label = "亡くなった日"
            self.fields["day"].error_messages["required"] = "亡くなった日を入れてください。"
            del self.fields["ties"]
            self.fields["holder_kana"].help_text = "通帳のとおりに。相続する人の口座です。"
        else:
            self.fields["day"].label = "転出した日"
            self.fields["day"].error_messages["required"] = "転出した日を入れてください。"
            self.fields["holder_kana"].help_text = "通帳のとおりに。本人の口座です。"
        if event == "quitting":  # who lives here still keeps the standing
            del self.fields["day"], self.fields["ties"]
        if not is_paid:
            self.forget_payee()
        self._papers(papers or [])
        self.gift_names = [f"recipient_{code}" for code, _, _ in gifts or []]
        for code, name, recipients in gifts or []:
            self.fields[f"recipient_{code}"] = radio(
                label=f"「{name}」を、どこに寄付しますか",
                choices=[(one, one) for one in recipients],
                error_messages={"required": RecipientNeeded.sentence.format(name=name)},
            )

    def _papers(self, rows: list[tuple[str, Choice]]) -> None:
        papers = self.fields["papers"]
        assert isinstance(papers, forms.MultipleChoiceField)
        papers.choices = rows
        papers.error_messages["invalid_choice"] = PaperNotTheirs.sentence
        if not rows:
            del self.fields["papers"]

    def gifts(self) -> list[BoundField]:
        """The choices of recipients, for the page."""
        return [self[name] for name in self.gift_names]

    def recipients(self) -> dict[str, str]:
        """To whom each programme's rest is given, by the programme's code."""
        data = self.cleaned_data
        return {name.removeprefix("recipient_"): data[name] for name in self.gift_names}


class BillForm(Form):
    """By when a member who leaves pays for their help; ``shown``: what the page said."""

    shown = forms.CharField(max_length=60, widget=forms.HiddenInput)
    due_on = DateBoxesField(label="支払いの期限", example="2026、令和8、R8", future_only=True)


class EndForm(Form):
    """The end of a membership."""

    basis = radio(label="どのように確かめましたか", choices=list(BASES.items()))
    confirm = forms.BooleanField(label="上の内容を確かめました")


# --- what was paid --------------------------------------------------------------------------------
CHANGED = (
    "開いていた画面のあとで、申請の状態が変わりました。一覧を確かめて、もう一度選んでください。"
)


class PaidForm(Form):
    """Which applications were paid or handed out, and under which number."""

    chosen = forms.MultipleChoiceField(
        label="終わった申請", required=False, widget=forms.CheckboxSelectMultiple
    )
    which = radio(label="どの申請ですか", initial="chosen")
    reference = forms.CharField(
        label="振込や納付、受け渡しの番号",
        max_length=60,
        help_text="伝票や通知書の番号です。口座番号や人の名前は書かないでください。",
    )

    def __init__(
        self,
        *args: Any,
        rows: list[tuple[str, Choice]],
        file: tuple[str, Choice] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen, which = self.fields["chosen"], self.fields["which"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        assert isinstance(which, forms.ChoiceField)
        chosen.choices = rows
        chosen.required = file is None
        chosen.error_messages["required"] = NothingChosen.sentence
        chosen.error_messages["invalid_choice"] = CHANGED
        if file:
            which.choices = [file, ("chosen", "下で選んだもの")]
            which.error_messages["invalid_choice"] = CHANGED
        else:
            del self.fields["which"]
