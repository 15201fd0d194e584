"""List filters: what the work queues of the front page ask, and choices that are asked for once."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.utils.translation import gettext_lazy as _

from tenders.work_queues import work_queues


class RelatedOnly(admin.RelatedOnlyFieldListFilter):
    """
    Those of related records that there are rows of.

    Django makes all filters of a list anew to count the facets of each filter, and queries the choices every time.
    """

    def field_choices(self, field, request, model_admin):
        choices = request.__dict__.setdefault("_related_choices", {})
        if field not in choices:
            choices[field] = super().field_choices(field, request, model_admin)
        return choices[field]


class WorkQueueFilter(admin.SimpleListFilter):
    """What waits to be done with records of this kind."""

    title = _("to do")
    parameter_name = "todo"

    def __init__(self, request, params, model, model_admin):
        self.work_queues = {queue.name: queue for queue in work_queues(model, request.user)}
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [(queue.name, queue.label) for queue in self.work_queues.values()]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        if self.value() not in self.work_queues:
            raise IncorrectLookupParameters
        return queryset.filter(self.work_queues[self.value()].condition(queryset.model, request.user))
