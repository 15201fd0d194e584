"""
Reading of Chinese procurement notices: what each fact is, and which words of the notice state it.

``read_notice(content, name="notice.html", is_text=False)`` takes the bytes of a file, or of pasted text in UTF-8
(``is_text=True``), and returns a ``NoticeReading``; ``UnreadableNotice`` says what is refused and why. Nothing here
knows the database. See ``docs/notices.md``.
"""

from tenders.notices.reading import read_notice
from tenders.notices.readings import NoticeReading, UnreadableNotice
