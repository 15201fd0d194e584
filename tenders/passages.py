"""Places in a document, translated by pattern: “introduction, paragraph 11” is 引言第11段."""

import re

from tenders.languages import is_chinese

SECTIONS = {"introduction": "引言", "buyers": "采购方", "projects": "采购项目", "winners": "中标方"}
FORMS = {
    "title": "标题",
    "{section}": "{section}",
    "{section}, heading": "{section}小标题",
    "{section}, paragraph {n}": "{section}第{n}段",
    "paragraph {n}": "第{n}段",
    "page {n}": "第{n}页",
}


def _pattern(form, sections):
    text = re.escape(form).replace(r"\{section\}", f"(?P<section>{'|'.join(sections)})")
    return re.compile(text.replace(r"\{n\}", "(?P<n>[0-9]+)"))


TO_CHINESE = [(_pattern(english, SECTIONS), chinese) for english, chinese in FORMS.items()]
TO_ENGLISH = [(_pattern(chinese, SECTIONS.values()), english) for english, chinese in FORMS.items()]
SECTION_NAMES = SECTIONS | {chinese: english for english, chinese in SECTIONS.items()}


def translate_place(place):
    """Return a place in the reader's language; unchanged where no pattern has it."""
    for pattern, form in TO_CHINESE if is_chinese() else TO_ENGLISH:
        if found := pattern.fullmatch(place):
            return form.format(**{name: SECTION_NAMES.get(part, part) for name, part in found.groupdict().items()})
    return place
