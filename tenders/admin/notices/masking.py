"""
What the desk shows of a notice besides the words that it quotes: no name, number or score of a person.

The reader masks personal data before it reads anything (``tenders.notices.personal``). Here the text is to be looked
at, so more is masked than that: all that stands after a label of persons, whatever it is, but for quoted words.
"""

import re
from dataclasses import fields, is_dataclass, replace

from tenders.notices import read_notice
from tenders.notices.readings import Span

MASK = "■"
LABEL = re.compile(
    r"^[^\n\t:：。]{0,24}(?:专家|评委|小组成员|评标委员会|评审委员会|(?:谈判|磋商|询价|采购|评审|评标)小组|联系人|联络人|负责人|经办人"
    r"|代表|组长|监标|记者|编辑|得分|评分|总分|身份证|电话|手机|传真|邮箱|电子邮件|联系方式)[^\n\t:：。]{0,12}(?:[:：\t]|$)",
    re.MULTILINE,
)
INSIDE = re.compile(
    r"(?:[\t ,，;；、。（(]|^)[^\n\t:：。,，;；、]{0,12}"
    r"(?:联系人|联络人|负责人|经办人|电话|得分|评分|总分)[ ]{0,2}[:：\t]",
    re.MULTILINE,
)
SCORE = re.compile(r"(?:得分|评分|总分)[^\d\n]{0,4}\d[\d.,]*")
NAME = re.compile(r"[\u4e00-\u9fff·]{1,4}")
BETWEEN_NAMES = re.compile(r"[、，,;；\s]+")
HEADING = re.compile(r"\s*[（(]?[一二三四五六七八九十]{1,3}[）)、.．]")
MAX_LINES = 15  # of names below a label
MAX_VALUE = 60  # characters of a line below a label that stands alone


def read_masked(content, *, name, is_text):
    """Return the reading of a notice with all masked in its text that may be of a person; raises as ``read_notice``."""
    reading = read_notice(content, name=name, is_text=is_text)
    return replace(reading, text=masked(reading.text, spans_of(reading)))


def spans_of(value):
    """Yield all spans of a reading."""
    if isinstance(value, Span):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from spans_of(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from spans_of(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from spans_of(item)


def masked(text, quoted):
    """Return a text of the same length in which nothing is left after labels of persons but quoted words."""
    characters = list(text)
    for start, end in _parts(text):
        for offset in range(start, end):
            if not text[offset].isspace():
                characters[offset] = MASK
    for span in quoted:
        characters[span.start : span.end] = text[span.start : span.end]
    return "".join(characters)


def _parts(text):
    """Yield (start, end) of what is to be masked."""
    for label in (*LABEL.finditer(text), *INSIDE.finditer(text)):
        start, end = label.end(), _line_end(text, label.end())
        yield start, end
        if not text[start:end].strip() and end + 1 < len(text):  # the label stands alone
            start, end = end + 1, _line_end(text, end + 1)
            line = text[start:end]
            if len(line) <= MAX_VALUE and not HEADING.match(line) and ":" not in line and "：" not in line:
                yield start, end
        for _number in range(MAX_LINES):
            start, end = end + 1, _line_end(text, end + 1)
            line = text[start:end]
            if start >= len(text) or HEADING.match(line) or not _has_names_alone(line):
                break
            yield start, end
    for score in SCORE.finditer(text):
        yield score.start() + 2, score.end()


def _has_names_alone(line):
    names = BETWEEN_NAMES.split(line[:200].strip(" 。.;；\t"))
    return len(line) <= 200 and all(map(NAME.fullmatch, names))


def _line_end(text, offset):
    end = text.find("\n", offset)
    return len(text) if end < 0 else end
