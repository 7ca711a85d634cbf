"""Reading a command's arguments."""

import argparse
from typing import NoReturn

from .errors import Bad


class Parser(argparse.ArgumentParser):
    """An argument parser that answers bad input with one line, as every command does."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(prog=f"./kyojo {command}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise Bad(f"{message}; {self.prog} --help tells more")


def port_number(text: str) -> int:
    """A TCP port that a person may use: 1 to 65535."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port (1 to 65535)")
    return int(text)
