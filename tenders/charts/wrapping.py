"""Texts broken into lines on the server: SVG breaks none itself."""

import unicodedata


def wrap_label(text, width):
    """Break a text between words or Chinese characters into lines of at most ``width`` Latin letters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return tuple(line.rstrip() for line in lines)


def _pieces(text):
    """Yield what cannot be broken: a word with the space after it, a Chinese character."""
    piece = ""
    for character in text:
        if piece and (piece[-1] == " " or (_width(character) == 2 and unicodedata.category(character) == "Lo")):
            yield piece
            piece = ""
        piece += character
    yield piece


def _width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
