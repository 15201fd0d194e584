"""The admin site: who may log in, its index with work queues, and Cache-Control headers."""

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.urls import reverse, translate_url
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import get_language, get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.site import AccountsSite
from tenders import duplicate_pairs, work_queues
from tenders.models import Alert, Company, Institution, Tender


class LoginForm(AuthenticationForm):
    """The log-in of those who may do something in the admin: Django's own asks for a tick beside their group."""

    required_css_class = "required"

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if not has_role(user):
            message = _("Ask an administrator to add this account to a group: it has no rights here yet.")
            raise ValidationError(message, code="no_role")


def has_role(user):
    """Return whether an active user may do anything in the admin: by a group, by permissions, or as a superuser."""
    return user.is_active and user.has_module_perms("tenders")


class TenderWatchAdminSite(AccountsSite):
    site_header = gettext_lazy("TenderWatch admin")
    site_title = gettext_lazy("TenderWatch admin")
    index_title = gettext_lazy("Admin")
    login_form = LoginForm
    index_template = "admin/tenders/index.html"
    enable_nav_sidebar = False  # the front page leads everywhere, and tables need the width

    def has_permission(self, request):
        return has_role(request.user)

    def each_context(self, request):
        """Add links to the same page in the other languages."""
        return {
            **super().each_context(request),
            "other_languages": [
                (code, get_language_info(code)["name_local"], translate_url(request.get_full_path(), code))
                for code, _name in settings.LANGUAGES
                if code != get_language()
            ],
        }

    def index(self, request, extra_context=None):
        """Show the form for a notice and the work queues above the list of models, and how many follow changes."""
        notice_form = self.get_model_admin(Tender).notice_form(request)
        context = {"todo": self._work_queues(request), "notice_form": notice_form}
        if settings.CAN_SEND_MAIL:
            context["num_alerts"] = Alert.objects.filter(confirmed_at__isnull=False).count()
        return super().index(request, {**context, **(extra_context or {})})

    def _work_queues(self, request):
        """
        Return groups of work queues: the caption, a note, and (label, links) of each queue.

        The links are (count, the count as text, address of the list of these records). Whoever may not change all
        records has a group of what they may change, before the others.
        """
        links_of = {}
        for model in work_queues.QUEUED_MODELS:
            if not self.get_model_admin(model).has_view_permission(request):
                continue
            address = reverse(f"admin:tenders_{model._meta.model_name}_changelist")
            for queue, number in work_queues.queue_counts(model, request.user):
                links = links_of.setdefault(queue.name, [])
                if number:
                    kind = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
                    text = _("%(number)s %(kind)s") % {"number": number, "kind": kind}
                    links.append((number, text, f"{address}?todo={queue.name}"))
        queues = [queue for queue in work_queues.ALL_QUEUES if queue.name in links_of]
        rows = {queue: (queue.label, links_of[queue.name]) for queue in queues}
        if not set(queues) & set(work_queues.OWN_PARTS):
            rows = [*rows.values(), *self._duplicates(request)]
            return [(_("To do"), "", rows)] if rows else []
        own = [row for queue, row in rows.items() if queue.is_own]
        others = [row for queue, row in rows.items() if not queue.is_own]
        note = _("You can research these. Found a document that settles one? Add it as a source and tell an editor.")
        return [
            (_("To do in your drafts"), "", own),
            (_("To do in all records"), note, [*others, *self._duplicates(request)]),
        ]

    def _duplicates(self, request):
        """Return the same for possible duplicates."""
        kinds = [
            model
            for model in (Tender, Institution, Company)
            if request.user.has_perm(f"tenders.publish_{model._meta.model_name}")
        ]
        links = []
        for model in kinds:
            number, kind = duplicate_pairs.num_pairs(model), model._meta.verbose_name_plural
            if number:
                address = reverse(f"admin:tenders_{model._meta.model_name}_duplicates")
                text = ngettext("%(number)s pair of %(kind)s", "%(number)s pairs of %(kind)s", number)
                links.append((number, text % {"number": number, "kind": kind}, address))
        return [(_("Possible duplicates"), links)] if kinds else []


class NeverCachedAdminMiddleware(MiddlewareMixin):
    """Forbid caching of the admin's responses, so that the next user of a browser or proxy cannot see them."""

    def process_response(self, request, response):
        if request.path.startswith(reverse("admin:index")):
            add_never_cache_headers(response)
        return response
