"""What programs expect at the addresses of data, from whatever web page they run in."""

from http import HTTPStatus

from django.http import HttpResponse

from tenders.views.errors import is_for_programs, method_not_allowed, too_long

ALLOWED = "GET, HEAD, OPTIONS"
EXPOSED = "Accept-Ranges, Content-Disposition, Content-Range, ETag, Last-Modified, Link, Retry-After"
SENT = "If-Modified-Since, If-None-Match, If-Range, Range"
A_DAY = 86_400  # seconds, for which a browser remembers what it may ask


class DataMiddleware:
    """
    Let pages of other sites read data, and answer ``OPTIONS``, and 405 to all methods that write.

    The headers of CORS (the Fetch standard) are on errors as well: a page that cannot read an error cannot show it. It
    stands before the checks of forms, which would answer 403. Nothing of data depends on cookies.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_for_programs(request):
            return self.get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": ALLOWED})
            response["Access-Control-Allow-Methods"] = ALLOWED
            response["Access-Control-Allow-Headers"] = SENT
            response["Access-Control-Max-Age"] = str(A_DAY)
        elif request.method not in ("GET", "HEAD"):
            response = method_not_allowed(request, ALLOWED)
        else:
            response = too_long(request) or self.get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        return response
