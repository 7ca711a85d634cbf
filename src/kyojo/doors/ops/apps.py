from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "kyojo.doors.ops"
    label = "ops"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        if settings.DEMO:
            from kyojo.doors.web.demo import clock as demo_clock
            from kyojo.kernel import clock

            clock.set_offset_source(demo_clock.offset_recent)
