from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class TendersConfig(AppConfig):
    name = "tenders"
    verbose_name = _("Tenders")

    def ready(self):
        from simple_history.signals import pre_create_historical_record

        from tenders import checks, triggers
        from tenders.models.changes import set_change

        checks.register()
        pre_create_historical_record.connect(set_change, dispatch_uid="tenders.change")
        pre_migrate.connect(triggers.remove, sender=self)
        post_migrate.connect(triggers.install, sender=self)
