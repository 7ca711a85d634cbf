"""Where a command finds its folders, its keys and its database."""

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from .errors import Bad
from .postgres import APP, OWNER, Cluster

#: The folder of the checkout: src/kyojo/doors/ops/surroundings.py is four folders below it.
ROOT = Path(__file__).resolve().parents[4]
DEMO_DATABASE = "kyojo_demo"


def var_dir() -> Path:
    """Where a laptop keeps its data: ``var/`` in the checkout, or KYOJO_VAR. Made if missing."""
    folder = Path(os.environ.get("KYOJO_VAR") or ROOT / "var")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Bad(f"cannot make the data folder {folder}: {error.strerror}") from None
    return folder


def keys_ensure(folder: Path) -> dict[str, str]:
    """The installation's secret keys as environment variables, made once, readable by us alone."""
    path = folder / "keys.json"
    if not path.exists():
        keys = {
            "KYOJO_SECRET_KEY": secrets.token_urlsafe(50),
            "KYOJO_FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        }
        new = folder / f"keys.json.{os.getpid()}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(keys, file)
        with contextlib.suppress(FileExistsError):
            os.link(new, path)  # of two first calls one wins, and both use its keys
        new.unlink()
    loaded = json.loads(path.read_text())
    return {str(name): str(value) for name, value in loaded.items()}


def django_ready() -> None:
    """Load Django with the settings of this environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kyojo.settings")
    import django

    django.setup()


def connect_as(url: str) -> None:
    """Point Django's default connection at ``url`` from here on, in this process."""
    os.environ["DATABASE_URL"] = url
    from django.db import connections

    from kyojo.settings import database

    connection = connections["default"]
    connection.close()
    for entry in (connection.settings_dict, connections.settings["default"]):
        entry.update(database(url))


def production_environment(*names: str) -> None:
    """Raise ``Bad`` unless every one of the variables ``names`` has a value."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise Bad(
            f"set {' and '.join(missing)} first (docs/guides/production.md says what they mean)"
        )


def owner_url() -> str:
    """The owner's database address: KYOJO_OWNER_DATABASE_URL."""
    production_environment("KYOJO_OWNER_DATABASE_URL")
    return os.environ["KYOJO_OWNER_DATABASE_URL"]


@contextlib.contextmanager
def database_at_hand(*, owner: bool) -> Iterator[str]:
    """Django on the database that is meant: DATABASE_URL's, or else the demo's own in ``var/``.

    The demo's server is used where it runs and started for the block where it does not. Yields
    words that name the database. Raises ``Bad`` when there is none.
    """
    named = os.environ.get("KYOJO_OWNER_DATABASE_URL" if owner else "DATABASE_URL")
    if named or os.environ.get("DATABASE_URL"):
        if not named:
            raise Bad("set KYOJO_OWNER_DATABASE_URL too: this command looks at every row")
        os.environ["DATABASE_URL"] = named
        production_environment("KYOJO_SECRET_KEY", "KYOJO_FIELD_KEYS")
        django_ready()
        yield "the database of DATABASE_URL"
        return
    folder = var_dir()
    if not (folder / "postgres" / "PG_VERSION").exists():
        raise Bad("there is no database yet: run ./kyojo demo once, or set DATABASE_URL")
    with Cluster(folder / "postgres") as cluster:
        if DEMO_DATABASE not in cluster.databases():
            raise Bad("the demo town is not loaded yet: run ./kyojo demo once")
        from .demo_logs import logs_environment

        os.environ.update(keys_ensure(folder) | logs_environment(folder))
        os.environ["DATABASE_URL"] = cluster.url(OWNER if owner else APP, DEMO_DATABASE)
        os.environ["KYOJO_OWNER_DATABASE_URL"] = cluster.url(OWNER, DEMO_DATABASE)
        os.environ["KYOJO_DEMO"] = "1"
        django_ready()
        try:
            yield "the demo's database"
        finally:
            from django.db import connections

            connections.close_all()
