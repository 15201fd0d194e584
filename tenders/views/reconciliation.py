"""The reconciliation service (Reconciliation Service API 0.2), with which others match names in their own tables."""

from difflib import get_close_matches
from http import HTTPStatus

from csp.decorators import csp_replace
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from tenders.caching import VersionedMixin
from tenders.languages import join_sentences
from tenders.problems import UnknownParameterError
from tenders.reconciliation.candidates import find_candidates, suggest
from tenders.reconciliation.extension import extend, properties_of
from tenders.reconciliation.queries import MAX_LENGTH, MAX_QUERIES, QueryError, read_extension, read_queries
from tenders.reconciliation.types import TYPES, describe, find_public, name_for
from tenders.views.charts import EMBEDDABLE
from tenders.views.errors import problem

SUGGESTED = 10
SUGGESTIONS = {"entity": "/suggest", "type": "/suggest/types", "property": "/suggest/properties"}
PREVIEW_SIZE = {"width": 420, "height": 220}  # pixels


class ServiceView(VersionedMixin, View):
    """An address of the service: it reads its ``parameters_read`` alone, and answers JSON."""

    parameters_read = ()

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except QueryError as error:
            return problem(request, [error.error])

    def get(self, request):
        return JsonResponse(self.answer(self.read(request.GET)))

    def read(self, query):
        """Return the parameters of a request by name; raises ``QueryError`` for others."""
        for name in query:
            if name not in self.parameters_read:
                sentences = [_("There is no such parameter.")]
                if near := get_close_matches(name, self.parameters_read, n=1):
                    sentences.append(_("Did you mean “%(name)s”?") % {"name": near[0]})
                raise QueryError(name, join_sentences(sentences), UnknownParameterError)
            if len(query.getlist(name)) > 1:
                raise QueryError(name, _("Give this parameter once."))
        return query.dict()

    def answer(self, asked):
        """Return the answer to what was asked, as JSON holds it."""
        raise NotImplementedError


@method_decorator(csrf_exempt, name="dispatch")
class Service(ServiceView):
    """The service itself: candidates for ``queries``, values for ``extend``, and its description without either."""

    http_method_names = ("get", "head", "post")
    parameters_read = ("queries", "extend")

    def post(self, request):
        return JsonResponse(self.answer(self.read(request.POST) or self._refuse_empty()))

    @staticmethod
    def _refuse_empty():
        raise QueryError("queries", _("Send “queries” or “extend” as a form."))

    def answer(self, asked):
        if len(asked) > 1:
            raise QueryError("extend", _("Send “queries” or “extend”, not both."))
        if "queries" in asked:
            return find_candidates(read_queries(asked["queries"]), self.cache.version)
        if "extend" in asked:
            return extend(*read_extension(asked["extend"]))
        return self.manifest()

    def manifest(self):
        """Return what the service is and where its parts are."""

        def build(path):
            return self.request.build_absolute_uri(path)

        service = build(reverse("reconciliation"))
        return {
            "versions": ["0.2"],
            "name": "TenderWatch",
            "identifierSpace": f"{service}/",
            "schemaSpace": build(reverse("data")) + "#columns",
            "documentation": build(reverse("data")) + "#matching",
            "defaultTypes": [record_type.described for record_type in TYPES.values()],
            "view": {"url": f"{service}/{{{{id}}}}"},
            "preview": {"url": build(reverse("reconciliation-preview")) + "?id={{id}}", **PREVIEW_SIZE},
            "suggest": {
                name: {"service_url": service, "service_path": path}
                for name, path in (
                    ("entity", "/suggest"),
                    ("type", "/suggest/types"),
                    ("property", "/suggest/properties"),
                )
            },
            "extend": {
                "propose_properties": {"service_url": service, "service_path": "/extend"},
                "property_settings": [],
            },
            "batchSize": MAX_QUERIES,
        }


class SuggestEntities(ServiceView):
    """Records whose names have the words that someone types."""

    http_method_names = ("get", "head")
    parameters_read = ("prefix", "cursor", "type")

    def answer(self, asked):
        text = _prefix(asked)
        cursor = _number(asked, "cursor", 0, MAX_LENGTH)
        types = [_type(asked["type"])] if asked.get("type") else TYPES.values()
        found = suggest(text, types, cursor + SUGGESTED)[cursor:] if text else []
        return {
            "result": [
                {
                    "id": record.reference,
                    "name": (name := name_for(record, text)),
                    "description": describe(record, name),
                    "notable": [record_type.described],
                }
                for record_type, record in found
            ]
        }


class SuggestTypes(ServiceView):
    """The types whose names begin like what someone types."""

    http_method_names = ("get", "head")
    parameters_read = ("prefix", "cursor")

    def answer(self, asked):
        return {"result": _page(asked, [record_type.described for record_type in TYPES.values()])}


class SuggestProperties(ServiceView):
    """The properties that have in their names what someone types."""

    http_method_names = ("get", "head")
    parameters_read = ("prefix", "cursor")

    def answer(self, asked):
        return {"result": _page(asked, properties_of(None))}


@method_decorator(csrf_exempt, name="dispatch")
class Extend(Service):
    """The properties of a type, of which others fetch the values; with ``extend`` the values, as the service itself."""

    parameters_read = ("type", "limit", "extend")

    def answer(self, asked):
        if "extend" in asked:
            return extend(*read_extension(asked["extend"]))
        record_type = _type(asked["type"]) if asked.get("type") else None
        found = properties_of(record_type)
        limit = _number(asked, "limit", len(found), len(found))
        answer = {"limit": limit, "properties": found[:limit]}
        return {"type": record_type.id, **answer} if record_type else answer


class RecordRedirect(View):
    """The address of a record by its reference alone, as the service names it: it leads to the record's page."""

    http_method_names = ("get", "head")

    def get(self, request, reference):
        for record_type in TYPES.values():
            if record_type.pattern.fullmatch(reference):
                return HttpResponseRedirect(reverse(f"{record_type.id}-detail", args=[reference]))
        raise Http404(_("There is no public record with the reference %(reference)s.") % {"reference": reference})


@method_decorator([csp_replace({"frame-ancestors": ["*"]}), xframe_options_exempt], name="dispatch")
class Preview(VersionedMixin, TemplateView):
    """A record in short, as a page that other sites show in a frame; 404 for what is no public record."""

    template_name = "tenders/reconciliation_preview.html"
    parameters = frozenset({"id"})

    def get(self, request):
        reference = request.GET.get("id", "")
        _type, record = find_public({reference}).get(reference, (None, None))
        status = HTTPStatus.OK if record else HTTPStatus.NOT_FOUND
        context = {"record": record, "reference": reference}
        if record:
            context["description"] = describe(record, record.name)
        return self.render_to_response(context, status=status, headers=EMBEDDABLE)


def _prefix(asked):
    text = asked.get("prefix", "").strip()
    if len(text) > MAX_LENGTH:
        raise QueryError("prefix", _("Write a text of at most %(max)s characters.") % {"max": MAX_LENGTH})
    return text


def _number(asked, name, default, maximum):
    text = asked.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(maximum)) and int(text) <= maximum):
        raise QueryError(name, _("Write a number from 0 to %(max)s.") % {"max": maximum})
    return int(text)


def _type(name):
    if name not in TYPES:
        message = _("Write one of these: %(names)s.") % {"names": ", ".join(TYPES)}
        raise QueryError("type", message)
    return TYPES[name]


def _page(asked, options):
    """Return the options with the prefix in their names, a page of them from the cursor on."""
    text = _prefix(asked).casefold()
    cursor = _number(asked, "cursor", 0, MAX_LENGTH)
    found = [option for option in options if text in option["name"].casefold() or text in option["id"]]
    return found[cursor : cursor + SUGGESTED]
