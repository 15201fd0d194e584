"""Headers that no package of ours sets."""

from django.utils.deprecation import MiddlewareMixin


class CrossOriginResourcePolicyMiddleware(MiddlewareMixin):
    """Forbid the pages of other sites to embed responses of this one; static files, too."""

    def process_response(self, request, response):
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
