from django.apps import AppConfig


class LedgerLogConfig(AppConfig):
    name = "kyojo.ledger.log"
    label = "ledger_log"
    verbose_name = "Transparency log of the ledgers"
