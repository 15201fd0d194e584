"""Typography of the reader's language."""

import re

from django.utils.translation import get_language, to_locale

CHINESE = "[\u3001-\u3011\u4e00-\u9fff\uff01-\uff1f]"  # characters and full-width punctuation
CJK_SPACE = re.compile(rf"(?<=[，。；：？！]) |(?<={CHINESE}) (?={CHINESE})")


def is_chinese():
    """Return whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")


def language_tag(code):
    """Return the tag of a language by its code (BCP 47): ``zh-Hans`` for ``zh-hans``."""
    return to_locale(code).replace("_", "-")


def join_sentences(sentences):
    """Join whole sentences but empty ones, with spaces between them in English and without in Chinese."""
    return strip_cjk_spaces(" ".join(str(sentence) for sentence in sentences if sentence))


def strip_cjk_spaces(text):
    """Remove spaces around values of placeholders that Chinese does not use: after punctuation, between characters."""
    return CJK_SPACE.sub("", text)
