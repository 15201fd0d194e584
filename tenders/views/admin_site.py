"""The admin as a whole: its front page, how long one is logged in, and that nobody keeps what it shows."""

from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from tenders import duplicates, work_queues
from tenders.models import Company, Institution, Tender


class TenderWatchAdminSite(admin.AdminSite):
    site_header = gettext_lazy("TenderWatch: the editors’ desk")
    site_title = gettext_lazy("TenderWatch desk")
    index_title = gettext_lazy("The desk")
    login_template = "admin/tenders/login.html"
    index_template = "admin/tenders/index.html"

    def each_context(self, request):
        """Lead from every page to the same page in the other languages."""
        return {
            **super().each_context(request),
            "other_languages": [
                (code, get_language_info(code)["name_local"], translate_url(request.get_full_path(), code))
                for code, _name in settings.LANGUAGES
                if code != get_language()
            ],
        }

    def index(self, request, extra_context=None):
        """Show above the records what waits to be done with them."""
        return super().index(request, {"todo": self._todo(request), **(extra_context or {})})

    def _todo(self, request):
        """Return what waits as (question, [(number, the same in words, address of the list of as many)])."""
        todo = {}
        for model in work_queues.QUEUED_MODELS:
            if not self.get_model_admin(model).has_view_permission(request):
                continue
            address = reverse(f"admin:tenders_{model._meta.model_name}_changelist")
            for each, number in work_queues.queue_counts(model, request.user):
                links = todo.setdefault(each.name, [])
                if number:
                    kind = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
                    words = _("%(number)s %(kind)s") % {"number": number, "kind": kind}
                    links.append((number, words, f"{address}?todo={each.name}"))
        found = [(each.label, todo[each.name]) for each in work_queues.WORK_QUEUES if each.name in todo]
        return found + self._duplicates(request)

    def _duplicates(self, request):
        """Return the same of pairs that may be one and the same; without a number where it would take long to tell."""
        kinds = [
            model
            for model in (Tender, Institution, Company)
            if request.user.has_perm(f"tenders.publish_{model._meta.model_name}")
        ]
        links = []
        for model in kinds:
            number, kind = duplicates.num_possible_duplicates(model), model._meta.verbose_name_plural
            if number != 0:
                address = reverse(f"admin:tenders_{model._meta.model_name}_duplicates")
                words = ngettext("%(number)s pair of %(kind)s", "%(number)s pairs of %(kind)s", number or 0)
                words = _("pairs of %(kind)s") if number is None else words
                links.append((number, words % {"number": number, "kind": kind}, address))
        return [(_("Possible duplicates"), links)] if kinds else []

    def login(self, request, extra_context=None):
        """Log in for a working day, however busy: Django would begin to count anew whenever the session is written."""
        response = super().login(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
        return response


class NeverCachedAdminMiddleware:
    """Let no browser and no proxy keep an answer of the admin: whoever comes to the machine next sees none of it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            add_never_cache_headers(response)
        return response
