"""What writing in the reader's language asks for beyond the words."""

import re

from django.utils.translation import get_language

CHINESE = "[\u3001-\u3011\u4e00-\u9fff\uff01-\uff1f]"  # characters and full-width punctuation
NEEDLESS_SPACE = re.compile(rf"(?<=[，。；：？！]) |(?<={CHINESE}) (?={CHINESE})")


def is_chinese():
    """Tell whether the page is being made in Chinese."""
    return (get_language() or "").startswith("zh")


def join_sentences(sentences):
    """Put whole sentences one after another, with a space between them where the language has one."""
    return strip_cjk_spaces(" ".join(str(sentence) for sentence in sentences))


def strip_cjk_spaces(text):
    """
    Take the spaces out of a text that Chinese does not have: after punctuation, and between characters.

    A sentence with placeholders has some, as it cannot know whether digits or characters come to stand in it.
    """
    return NEEDLESS_SPACE.sub("", text)
