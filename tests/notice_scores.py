"""
Scores of the reader of notices on a folder of samples: ``python -m tests.notice_scores FOLDER``.

A sample is a notice (``NAME.html``, ``NAME.txt``) and ``NAME.json`` with what must come out of it. Names and numbers
are compared after NFKC without white space.
"""

import argparse
import json
import os
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

FACTS = ("project_name", "project_number", "agency", "method", "region", "tender_status", "notice_date", "award_date")
FACTS += ("tender_notice_date", "contract_date", "opening_date", "first_notice_date", "proposed_supplier")
MONEY = ("budget_cny", "ceiling_cny", "total_award_cny")


@dataclass
class Score:
    """Counts of a sample: right, wrong and missing facts, wrong amounts, warnings found and missed, personal data."""

    right: int = 0
    wrong: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    wrong_amounts: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    missing_warnings: list = field(default_factory=list)
    extra_warnings: list = field(default_factory=list)
    leaks: list = field(default_factory=list)


def normal(value):
    """Return a value in the form in which it is compared."""
    return "".join(unicodedata.normalize("NFKC", str(value)).split()) if isinstance(value, str) else value


def compare(score, name, expected, found, *, is_amount=False):
    """Count one fact."""
    if expected is None and found is None:
        return
    if normal(expected) == normal(found):
        score.right += 1
    elif found is None:
        score.missing.append(f"{name}: {expected}")
    else:
        score.wrong.append(f"{name}: {found} instead of {expected}")
        if is_amount:
            score.wrong_amounts.append(name)


def compare_lots(score, expected, found):
    """Count the facts of lots, which are paired by number, else by order."""
    rest = list(found)
    for number, lot in enumerate(expected):
        same = [other for other in rest if normal(other["lot"]) == normal(lot.get("lot"))]
        other = same[0] if same else (rest[0] if rest and len(expected) == len(found) else None)
        if other is not None:
            rest.remove(other)
        other = other or {}
        name = f"lots[{number}]"
        for key in ("lot", "status"):
            compare(score, f"{name}.{key}", lot.get(key), other.get(key))
        compare(score, f"{name}.joint", lot.get("joint") or None, other.get("joint") or None)
        compare(score, f"{name}.amount_kind", none(lot.get("amount_kind")), none(other.get("amount_kind")))
        for key in ("amount_cny", "budget_cny"):
            compare(score, f"{name}.{key}", lot.get(key), other.get(key), is_amount=True)
        compare_names(score, f"{name}.winners", lot.get("winners", []), other.get("winners", []))
    for other in rest:
        score.wrong.append(f"lots: one too many: {other['lot']} {other['winners']} {other['amount_cny']}")


def none(kind):
    """Return the kind of an amount, none for that of no amount."""
    return None if kind == "none" else kind


def compare_names(score, name, expected, found):
    """Count names, in any order."""
    wanted, got = {normal(item) for item in expected}, {normal(item) for item in found}
    score.right += len(wanted & got)
    score.missing += [f"{name}: {item}" for item in wanted - got]
    score.wrong += [f"{name}: {item}" for item in got - wanted]


def score_sample(path):
    """Return the ``Score`` of the sample that a JSON file describes."""
    from tenders.notices import read_notice
    from tenders.notices.as_json import as_json, as_text

    expected = json.loads(path.read_text(encoding="utf-8"))
    notice = next(other for other in path.parent.glob(f"{path.stem}.*") if other.suffix != ".json")
    reading = read_notice(notice.read_bytes(), name=notice.name)
    found = as_json(reading, notice.name)
    score = Score()
    compare(score, "kind", expected["kind"], found["kind"])
    for fact in FACTS:
        compare(score, fact, expected.get(fact), found[fact])
    for fact in MONEY:
        compare(score, fact, expected.get(fact), found[fact], is_amount=True)
    compare_names(score, "buyer", expected.get("buyer") or [], found["buyer"])
    compare_lots(score, expected.get("lots") or [], found["lots"])
    for warning in expected.get("warnings", []):
        (score.warnings if warning in found["warnings"] else score.missing_warnings).append(warning)
    score.extra_warnings = [warning for warning in found["warnings"] if warning not in expected.get("warnings", [])]
    shown = normal(json.dumps(found, ensure_ascii=False) + as_text(reading) + reading.text)
    score.leaks = [words for words in expected.get("never", []) if normal(words) in shown]
    for name, words in (expected.get("quotes") or {}).items():
        if isinstance(words, str) and normal(words) not in normal(reading.text):
            score.missing.append(f"quote {name}: {words}")
    return score


def main():
    """Print the scores of a folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenderwatch.settings")
    import django

    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    scores = {path.stem: score_sample(path) for path in sorted(parser.parse_args().folder.glob("*.json"))}
    for name, score in scores.items():
        problems = [*score.wrong, *(f"missing {item}" for item in score.missing)]
        problems += [f"warning missed: {item}" for item in score.missing_warnings]
        problems += [f"warning not expected: {item}" for item in score.extra_warnings]
        problems += [f"PERSONAL: {item}" for item in score.leaks]
        sys.stdout.write("\n    ".join([f"{name}: {score.right} right", *problems]) + "\n")
    right = sum(score.right for score in scores.values())
    wrong = sum(len(score.wrong) for score in scores.values())
    missing = sum(len(score.missing) for score in scores.values())
    warned = sum(len(score.warnings) for score in scores.values())
    unwarned = sum(len(score.missing_warnings) for score in scores.values())
    sys.stdout.write(
        f"precision {right / max(1, right + wrong):.3f}, recall {right / max(1, right + missing + wrong):.3f}, "
        f"wrong amounts {sum(len(score.wrong_amounts) for score in scores.values())}, "
        f"warnings {warned} of {warned + unwarned}, personal {sum(len(score.leaks) for score in scores.values())}\n"
    )


if __name__ == "__main__":
    main()
