"""How django-allauth keeps our keys: secrets sealed, as everything that must not lie open."""

from allauth.mfa.adapter import DefaultMFAAdapter

from kyojo.civic.people.services.factors import secret_open, secret_seal


class KeysAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return secret_seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secret_open(encrypted_text)
