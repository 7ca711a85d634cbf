from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "kyojo.help.community"
    label = "community"
    default_auto_field = "django.db.models.BigAutoField"
