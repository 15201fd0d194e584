"""What programs expect at the addresses of data, from whatever web page they run in."""

from http import HTTPStatus

from django.http import HttpResponse

from tenders.views.errors import is_for_programs, method_not_allowed, methods_of, too_large, too_long
from tenders.views.limits import content_length

EXPOSED = "Accept-Ranges, Content-Disposition, Content-Range, ETag, Last-Modified, Link, Retry-After"
SENT = "If-Modified-Since, If-None-Match, If-Range, Range"
A_DAY = 86_400  # seconds, for which a browser remembers what it may ask
MAX_ASKED = 64_000  # bytes of what is asked by POST


class DataMiddleware:
    """
    Let pages of other sites read data, and answer ``OPTIONS``, and 405 to methods that the address does not have.

    The headers of CORS (the Fetch standard) are on errors as well: a page that cannot read an error cannot show it. It
    stands before the checks of forms, which would answer 403. Nothing of data depends on cookies.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_for_programs(request):
            return self.get_response(request)
        allowed = ", ".join(methods_of(request))
        if request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": allowed})
            response["Access-Control-Allow-Methods"] = allowed
            response["Access-Control-Allow-Headers"] = SENT
            response["Access-Control-Max-Age"] = str(A_DAY)
        elif request.method not in methods_of(request):
            response = method_not_allowed(request, allowed)
        elif request.method == "POST" and content_length(request) > MAX_ASKED:
            response = too_large(request, MAX_ASKED)
        else:
            response = too_long(request) or self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        return response
