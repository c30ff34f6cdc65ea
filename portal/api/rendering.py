"""How answers are written: always JSON, whatever the caller says it accepts."""

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer


class Json(JSONRenderer):
    """JSON in UTF-8; text with lone surrogates, which UTF-8 cannot hold, goes out escaped."""

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return Escaped().render(data, accepted_media_type, renderer_context)


class Escaped(JSONRenderer):
    ensure_ascii = True


class FirstRenderer(BaseContentNegotiation):
    """Takes the view's first renderer: an alarm must not be lost to an Accept header."""

    def select_parser(self, request, parsers):
        return next((each for each in parsers if _reads(each, request.content_type)), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


def _reads(parser, content_type: str) -> bool:
    return parser.media_type == content_type.partition(";")[0].strip().lower()
