"""What a command says when it cannot do what it was asked."""


class Bad(Exception):
    """Input or surroundings a command cannot work with: one clear line on stderr, exit 2."""


class Failed(Exception):
    """The command did its work and the answer is no, or the machine failed: exit 1."""
