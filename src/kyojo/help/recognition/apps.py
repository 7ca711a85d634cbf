from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "kyojo.help.recognition"
    label = "recognition"
    default_auto_field = "django.db.models.BigAutoField"
