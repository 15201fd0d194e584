"""
The province-level region and the city that a name or an address states.

Names of provinces and of the prefectures that only one province has; never a district or a county, as many provinces
have one of the same name.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

PROVINCES = {
    "CN-BJ": "北京市", "CN-TJ": "天津市", "CN-HE": "河北省", "CN-SX": "山西省", "CN-NM": "内蒙古自治区",
    "CN-LN": "辽宁省",
    "CN-JL": "吉林省", "CN-HL": "黑龙江省", "CN-SH": "上海市", "CN-JS": "江苏省", "CN-ZJ": "浙江省", "CN-AH": "安徽省",
    "CN-FJ": "福建省", "CN-JX": "江西省", "CN-SD": "山东省", "CN-HA": "河南省", "CN-HB": "湖北省", "CN-HN": "湖南省",
    "CN-GD": "广东省", "CN-GX": "广西壮族自治区", "CN-HI": "海南省", "CN-CQ": "重庆市", "CN-SC": "四川省",
    "CN-GZ": "贵州省",
    "CN-YN": "云南省", "CN-XZ": "西藏自治区", "CN-SN": "陕西省", "CN-GS": "甘肃省", "CN-QH": "青海省",
    "CN-NX": "宁夏回族自治区",
    "CN-XJ": "新疆维吾尔自治区", "CN-TW": "台湾省", "CN-HK": "香港特别行政区", "CN-MO": "澳门特别行政区",
}  # fmt: skip
MUNICIPALITIES = {"CN-BJ", "CN-TJ", "CN-SH", "CN-CQ"}
DIVISION = re.compile("市|省|(?:壮族|回族|维吾尔)?自治区|特别行政区")
SHORT = {DIVISION.sub("", name): code for code, name in PROVINCES.items()}
FULL = {name: code for code, name in PROVINCES.items()} | {
    "广西自治区": "CN-GX", "宁夏自治区": "CN-NX", "新疆自治区": "CN-XJ", "内蒙古区": "CN-NM",
    "新疆生产建设兵团": "CN-XJ",
    "兵团": "CN-XJ",
}  # fmt: skip


def _prefectures():
    with (Path(__file__).parent / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        return {name: row["code"] for row in csv.DictReader(file) for name in row["names"].split()}


PREFECTURES = _prefectures()
BARE = {name.removesuffix("市"): code for name, code in PREFECTURES.items() if name.endswith("市")}
BARE = {name: code for name, code in BARE.items() if name not in SHORT and len(name) > 1}
NAMES = FULL | PREFECTURES
FULL_NAME = re.compile("|".join(sorted(map(re.escape, set(NAMES) - {"兵团"}), key=len, reverse=True)))
# After a short name these make a street, a district or another place of it: 湖南路, 河北区, 海南州, 上海街道.
SHORT_NAME = re.compile(
    "(?:中国)?("
    + "|".join(sorted(SHORT, key=len, reverse=True))
    + r")(?![东南西北中一二三]?[路街道巷弄里区县镇乡村州湾站桥]|大道|大街|[东南西北]站)"
)
CITY = re.compile("[\u4e00-\u9fff]{1,8}?(?:市(?!场|政|民|容|级|区)|自治州|地区|盟(?=[\u4e00-\u9fff]))")
COUNTY = re.compile("[\u4e00-\u9fff]{1,6}?(?:自治县|区(?!域|块)|县|旗)")


@dataclass(frozen=True)
class FoundPlace:
    """A region or city in a text, with its place."""

    value: str
    start: int
    end: int


def region_of_division(folded, start, end):
    """Return the region that the value of a label such as 行政区域 states, which may be a province or a city alone."""
    words = folded[start:end]
    found = _in_full(words)
    if found is None:
        bare = words.strip(" /,;、")
        code = SHORT.get(bare) or BARE.get(bare)
        if code is None and (match := SHORT_NAME.match(words)):
            return FoundPlace(SHORT[match[1]], start + match.start(1), start + match.end(1))
        found = code and (code, words.index(bare), words.index(bare) + len(bare))
    return FoundPlace(found[0], start + found[1], start + found[2]) if found else None


def region_of_name(folded, start, end):
    """Return the region that the name of an organisation states, or None; also if it names several."""
    words = folded[start:end]
    found = _in_full(words)
    short = SHORT_NAME.match(words)
    if found is None and short:
        found = SHORT[short[1]], short.start(1), short.end(1)
    return FoundPlace(found[0], start + found[1], start + found[2]) if found else None


def region_of_address(folded, start, end):
    """Return the region that an address begins with."""
    words = folded[start:end]
    match = FULL_NAME.match(words) or SHORT_NAME.match(words)
    if match is None:
        return None
    name = match[1] if match.re is SHORT_NAME else match[0]
    code = SHORT.get(name) or NAMES.get(name)
    return FoundPlace(code, start + words.index(name), start + words.index(name) + len(name))


def _in_full(words):
    """Return (code, start, end) of the full names in some words if all of them are in one region."""
    matches = list(FULL_NAME.finditer(words))
    if not matches or len({NAMES[match[0]] for match in matches}) > 1:
        return None
    return NAMES[matches[0][0]], matches[0].start(), matches[0].end()


def city_of(folded, start, end):
    """Return the city, or else the district or county, that a name or address begins with, after its province."""
    words = folded[start:end]
    first = 0
    if (match := FULL_NAME.match(words)) and match[0] in FULL:
        first = match.end()
    elif (match := SHORT_NAME.match(words)) and not CITY.match(words):
        first = match.end(1)
    found = CITY.match(words, first) or COUNTY.match(words, first)
    return FoundPlace(found[0], start + found.start(), start + found.end()) if found else None
