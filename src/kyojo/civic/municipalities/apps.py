from django.apps import AppConfig


class MunicipalitiesConfig(AppConfig):
    name = "kyojo.civic.municipalities"
    label = "municipalities"
    default_auto_field = "django.db.models.BigAutoField"
