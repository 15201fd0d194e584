"""List filters: what the work queues of the front page ask, and choices that are asked for once."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenders.work_queues import citations_of, work_queues


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


class ConditionFilter(admin.SimpleListFilter):
    """The records for which ``condition(model)`` holds, or those for which it does not."""

    yes, no = ("yes", _("Yes")), ("no", _("No"))

    def lookups(self, request, model_admin):
        return [self.yes, self.no]

    def queryset(self, request, queryset):
        if self.value() not in (self.yes[0], self.no[0]):
            return queryset
        condition = self.condition(queryset.model)
        return queryset.filter(condition if self.value() == self.yes[0] else ~condition)


class IsCited(ConditionFilter):
    """Whether any source speaks of a record."""

    title = _("has a source")
    parameter_name = "cited"

    def condition(self, model):
        return Q(pk__in=citations_of(model).values(model._meta.model_name))


class IsAmountKnown(ConditionFilter):
    """Whether the awarded amount is known: the sum of all awards."""

    title = _("awarded amount")
    parameter_name = "amount"
    yes, no = ("known", _("Known")), ("unknown", _("Unknown"))

    def condition(self, model):
        return Q(award_amount__isnull=False)


class IsDisputed(ConditionFilter):
    """Whether sources state different values of one fact."""

    title = _("sources disagree")
    parameter_name = "disputed"

    def condition(self, model):
        return Q(is_disputed=True)


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
