"""Asking the worker to sign: by name, so that services need not know the jobs that call them."""

from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import current


def sign_soon() -> None:
    """When this transaction commits, the worker signs what waits in the current town."""
    app.configure_task("recognition.sign").defer(municipality_id=current())
