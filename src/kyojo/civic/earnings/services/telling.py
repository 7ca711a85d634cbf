"""What a member is told of an application."""

from kyojo.civic.people.services import notice_send
from kyojo.civic.programmes.rules.wording import USE

from ..models import Redemption


def redemption_tell(redemption: Redemption, what: str) -> None:
    """``what`` became of an application: ``承認されました``. Once a state."""
    notice_send(
        person=redemption.person,
        kind="redemption",
        key=f"redemption:{redemption.uid}:{redemption.state}",
        title=f"「{USE[redemption.use]}」の申請が{what}",
        body=redemption.note,
        path=f"/me/points/{redemption.programme.code}/",
    )
