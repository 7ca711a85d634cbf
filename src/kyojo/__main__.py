"""``python -m kyojo COMMAND``: what the launcher ``./kyojo`` calls once .venv is there."""

import importlib
import sys

from kyojo.doors.ops.errors import Bad, Failed

#: Command → module in doors/ops with ``run(arguments) -> exit code``. The launcher lists the same
#: names with a line of help each; tests/ops holds the two together.
COMMANDS = {
    "anchor": "anchor",
    "bench": "bench",
    "check": "check",
    "demo": "demo",
    "devices": "devices",
    "import": "imports",
    "keys": "keys",
    "lint": "lint",
    "manage": "manage",
    "migrate": "serving",
    "programme": "programmes",
    "serve": "serving",
    "simulate": "simulate",
    "staff": "staff",
    "test": "testing",
    "verify": "verify",
    "witness": "witness",
    "worker": "serving",
}


def main(arguments: list[str]) -> int:
    """Run one command. Input it cannot use ends in one line on stderr and 2."""
    if not arguments or arguments[0] not in COMMANDS:
        name = arguments[0] if arguments else ""
        print(f"kyojo: there is no command '{name}'; ./kyojo --help lists them", file=sys.stderr)
        return 2
    module = importlib.import_module(f"kyojo.doors.ops.{COMMANDS[arguments[0]]}")
    try:
        return int(module.run(arguments))
    except Bad as error:
        print(f"kyojo: {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"kyojo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
