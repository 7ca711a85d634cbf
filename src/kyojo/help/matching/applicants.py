"""Who would like to help once: sealed while the office needs it."""

from dataclasses import asdict, dataclass
from datetime import date

from django.utils.crypto import salted_hmac

from kyojo.civic.municipalities.sealing import seal, unseal

from .models import Application


@dataclass(frozen=True)
class Applicant:
    """Who would like to help. ``phone`` or ``email`` is there, or both."""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    birth_date: date
    phone: str
    email: str
    words: str

    @property
    def name(self) -> str:
        return f"{self.family_name} {self.given_name}"

    @property
    def kana(self) -> str:
        return f"{self.family_kana} {self.given_kana}"


def sealed(who: Applicant, code: str) -> bytes:
    return seal(asdict(who) | {"birth_date": who.birth_date.isoformat(), "code": code})


def applicant_of(application: Application) -> Applicant | None:
    """Who it is; None once that is erased."""
    if not application.sealed:
        return None
    given = unseal(application.sealed)
    del given["code"]
    return Applicant(**given | {"birth_date": date.fromisoformat(given["birth_date"])})


def code_of(application: Application) -> str:
    """What opens the applicant's page; "" once it is erased."""
    return str(unseal(application.sealed)["code"]) if application.sealed else ""


def code_hash(code: str) -> str:
    return salted_hmac("kyojo.one_off.code", code, algorithm="sha256").hexdigest()
