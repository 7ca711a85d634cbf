"""``keys check|rotate``: by which field key everything is sealed, and sealing it by the first.
``keys badges``: a new key for a town's badges and certificates."""

from collections.abc import Callable

from .arguments import Parser
from .errors import Bad, Failed
from .progress import progress
from .surroundings import database_at_hand

USAGE = "keys check, keys rotate, or keys badges TOWN; --help after each tells more"


def run(arguments: list[str]) -> int:
    """``./kyojo keys …``. Raises ``Bad`` for bad usage, ``Failed`` for what no key opens."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "check": check,
        "rotate": rotate,
        "badges": badges,
    }
    what = arguments[1] if len(arguments) > 1 else ""
    if what in {"-h", "--help"}:
        print(f"usage: ./kyojo {USAGE}")
        return 0
    if what not in commands:
        raise Bad(f"keys what? {USAGE}")
    return commands[what](arguments[2:])


def check(arguments: list[str]) -> int:
    """How many values each key of KYOJO_FIELD_KEYS sealed, column by column."""
    Parser(
        "keys check",
        "Count what each key of KYOJO_FIELD_KEYS sealed, column by column. Exit 1 where something "
        "is sealed by a key that is not there.",
    ).parse_args(arguments)
    with database_at_hand(owner=False):
        from kyojo.civic.municipalities import resealing, sealing
        from kyojo.civic.people.services.factors import secrets_counted

        with progress("keys") as report:
            counted = resealing.keys_counted(report)
        if secrets := secrets_counted():
            counted["mfa_authenticator.data"] = secrets
        order = [key.name for key in sealing.field_keys()]
    for number, name in enumerate(order, start=1):
        total = sum(counts[name] for counts in counted.values())
        print(f"key {number} {name}: {total}" + (" (seals)" if number == 1 else ""))
    if older := sum(counts["fernet"] for counts in counted.values()):
        print(f"older form: {older}")
    for place, counts in sorted(counted.items()):
        said = ", ".join(f"{name or 'no key'} {count}" for name, count in sorted(counts.items()))
        print(f"  {place}: {said}")
    lost = sum(counts[""] for counts in counted.values())
    if lost:
        raise Failed(f"{lost} values are opened by no key of KYOJO_FIELD_KEYS")
    return 0


def rotate(arguments: list[str]) -> int:
    """Seal everything by the first key that another one sealed."""
    Parser(
        "keys rotate",
        "Seal everything by the first key of KYOJO_FIELD_KEYS that another of them sealed. Start "
        "web and worker with the new key in front first. May be stopped and called again, and runs "
        "beside them.",
    ).parse_args(arguments)
    with database_at_hand(owner=False):
        from kyojo.civic.municipalities import resealing, sealing
        from kyojo.civic.people.services.factors import secrets_counted, secrets_reseal

        first = sealing.field_keys()[0].name
        with progress("keys") as report:
            done = resealing.reseal(report)
        resealed = done.values + secrets_reseal()
        if lost := secrets_counted()[""]:
            done.lost["mfa_authenticator.data"] = lost
    print(f"{resealed} values are sealed anew, by key {first}")
    if done.lost:
        for place, count in sorted(done.lost.items()):
            print(f"  {place}: {count} opened by no key, left as they are")
        raise Failed("some values are opened by no key of KYOJO_FIELD_KEYS")
    return 0


def badges(arguments: list[str]) -> int:
    """A new key for what a town signs."""
    parser = Parser(
        "keys badges",
        "Sign a town's badges and certificates with a new key from now on. What older keys signed "
        "goes on verifying, unless they leaked.",
    )
    parser.add_argument("town", type=int, metavar="TOWN", help="the municipality's code")
    parser.add_argument(
        "--compromised",
        action="store_true",
        help="withdraw the older keys: what they signed verifies no more and is signed anew",
    )
    given = parser.parse_args(arguments)
    with database_at_hand(owner=False):
        from kyojo.civic.municipalities.models import Municipality
        from kyojo.civic.municipalities.tenancy import tenant
        from kyojo.help.recognition.services import issuer_key_replace

        if not Municipality.objects.filter(pk=given.town).exists():
            raise Bad(f"there is no town {given.town}")
        with tenant(given.town):
            issuer_key_replace(by=None, is_compromised=given.compromised)
    print(f"badges and certificates of {given.town} are signed with a new key from now on")
    return 0
