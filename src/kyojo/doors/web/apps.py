from django.apps import AppConfig


class WebConfig(AppConfig):
    """The pages: one folder per audience, and the base they all stand on."""

    name = "kyojo.doors.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
