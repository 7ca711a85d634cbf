"""``staff list|give|end``: who works at a town's desk. Given here and by no page: whoever runs the
site types in which human a login belongs to, and nobody at the desk makes themselves a second."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kyojo.kernel.errors import Refusal

from .arguments import Parser
from .errors import Bad
from .surroundings import database_at_hand

if TYPE_CHECKING:
    from kyojo.civic.people.models import User

ROLES = ("officer", "coordinator", "office")
USAGE = "staff list TOWN, staff give TOWN MAIL …, or staff end TOWN MAIL; --help after each"


def run(arguments: list[str]) -> int:
    """``./kyojo staff …``. Raises ``Bad`` for bad usage and for what cannot be done."""
    commands: dict[str, Callable[[list[str]], int]] = {"list": listed, "give": give, "end": end}
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"staff what? {USAGE} tells more")
    return commands[what](arguments[2:])


def listed(arguments: list[str]) -> int:
    """Everybody with a role, one line each: role, staff number, name, title, address."""
    parser = Parser("staff list", "List who works at a town's desk, and with which staff number.")
    _town_argument(parser)
    given = parser.parse_args(arguments)
    with _desk(given.town):
        from kyojo.civic.people.models import StaffRole
        from kyojo.civic.people.staff_selectors import numbers

        known = numbers()
        rows = StaffRole.objects.select_related("user", "area").order_by("role", "name_kana")
        for row in rows:
            number = known.get(row.user_id, "no number")
            about = f"{row.title}・{row.area.name}" if row.area else row.title
            closed = "" if row.user.is_active else "  (login closed)"
            print(f"{row.role}  {number}  {row.name}（{about}）  {row.user.email}{closed}")
    return 0


def give(arguments: list[str]) -> int:
    """A role for a login, which is made where there is none."""
    parser = Parser(
        "staff give",
        "Let somebody work at a town's desk. They come in by the link that is mailed to their "
        "address, and make a second factor. The same role again: renewed.",
    )
    _town_argument(parser)
    parser.add_argument("mail", metavar="MAIL", help="the address of their login")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--name", required=True, help="as it stands in the records: 花曇 みち")
    parser.add_argument("--kana", required=True, help="its reading: はなぐもり みち")
    parser.add_argument("--title", required=True, help="福祉課 主任")
    parser.add_argument("--number", default="", help="職員番号; needed with a login's first role")
    parser.add_argument("--area", help="the code of a coordinator's area; '' for none")
    given = parser.parse_args(arguments)
    with _desk(given.town):
        from kyojo.civic.municipalities.models import Area
        from kyojo.civic.people.models import StaffRole
        from kyojo.civic.people.services import staff_role_add, user_create

        area = Area.objects.filter(code=given.area).first() if given.area else None
        if given.area and area is None:
            raise Bad(f"there is no area {given.area} in {given.town}")
        user = _login(given.mail) or user_create(email=given.mail, municipality_id=given.town)
        if not user.is_active:
            raise Bad(f"the login of {user.email} is closed")
        if given.area is None:
            before = StaffRole.objects.filter(user=user, role=given.role).first()
            area = before.area if before else None
        row = staff_role_add(
            user=user,
            role=given.role,
            title=given.title,
            name=given.name,
            name_kana=given.kana,
            number=given.number,
            area=area,
        )
    print(f"{row.name} works at the desk of {given.town} as {row.role}")
    return 0


def end(arguments: list[str]) -> int:
    """A role, or all of them, is over."""
    parser = Parser(
        "staff end",
        "End what somebody may do at a town's desk, from their next page on. With their last role "
        "they are on call no more, in no support centre, and look after no case. Their name stays "
        "in the records, and a membership of their own stays as it is.",
    )
    _town_argument(parser)
    parser.add_argument("mail", metavar="MAIL", help="the address of their login")
    parser.add_argument("--role", choices=ROLES, help="this one; all without it")
    given = parser.parse_args(arguments)
    with _desk(given.town):
        from kyojo.civic.people.models import StaffRole
        from kyojo.civic.people.selectors import staff_roles
        from kyojo.civic.people.services import staff_role_end
        from kyojo.help.community import services as community
        from kyojo.help.safety import services as safety

        user = _login(given.mail)
        standing = StaffRole.objects.filter(user=user).order_by("role") if user else ()
        roles = [row.role for row in standing if given.role in (None, row.role)]
        if user is None or not roles:
            raise Bad(f"{given.mail} has no such role at the desk of {given.town}")
        for role in roles:
            staff_role_end(user=user, role=role)
        if not staff_roles(user):
            safety.staff_left(user=user)
            community.staff_left(user=user)
    print(f"{given.mail} is no longer {', '.join(roles)} at the desk of {given.town}")
    return 0


def _town_argument(parser: Parser) -> None:
    parser.add_argument("town", type=int, metavar="TOWN", help="the municipality's code")


@contextlib.contextmanager
def _desk(town: int) -> Iterator[None]:
    """The town's rows at hand. A refusal, in its own words, is bad input here; nothing is done."""
    with database_at_hand(owner=False):
        from kyojo.civic.municipalities.models import Municipality
        from kyojo.civic.municipalities.tenancy import tenant

        if not Municipality.objects.filter(pk=town).exists():
            raise Bad(f"there is no town {town}")
        try:
            with tenant(town):
                yield
        except Refusal as refused:
            raise Bad(refused.message()) from None


def _login(mail: str) -> "User | None":
    from kyojo.civic.people.models import User

    found: User | None = User.objects.filter(email=mail.strip().lower()).first()
    return found
