"""Names of organisations and projects, and official numbers: where a value after a label begins and ends."""

import re

ENDINGS = (
    "公司|集团|厂|店|局|厅|委员会|委|办公室|办|院|所|校|大学|学院|中学|小学|医院|中心|站|馆|社|协会|学会|联合会|联盟|基金会|银行|"
    "支行|分行|部|处|署|队|团|政府|法院|检察院|海关|监狱|院校|幼儿园|研究会|事务所|工作室|商行|经营部|合作社|联社|总社|会|台|"
    "科|室|营|库|园|场|村|街道|镇|乡|机关|党校|分院|分局|总队|支队|大队|代表处|管委会|平台|合伙|库房|经销部|服务部"
)
ORGANISATION = re.compile(rf"(?:{ENDINGS})(?:\([^()\n]{{1,20}}\))?$")
STRONG = re.compile(
    "(?:公司|集团|局|厅|委员会|办公室|大学|学院|学校|中学|小学|医院|中心|研究院|研究所|政府|法院|检察院|海关|银行|协会|管委会|设计院|事务所|厂)$"
)
NOTHING = re.compile(
    r"^[/\\\-—无.·* ]*$|详见|见附件|见公告|如下|^见|^无[,。;]?$|不适用|暂无|^\(?略|^空$|■|待定|^以下|公告正文"
)
FAILED = re.compile(
    r"废标|流标|终止|失败|作废|不足[三3]家|少于[三3]家|未成交|未中标|取消|无效|无有效|无中标|无成交|无人|有效.{0,9}不足"
)
ROLES = re.compile(
    r"\((?:联合体)?(?:牵头人?|牵头方|牵头单位|牵头公司|成员|成员方|成员单位|主体|主体方|主办人|主办方|协办方|联合体|参加方|盖章|公章|"
    r"联合体牵头|联合体成员\d?|采购人|甲方|乙方|签章|[一二三]|成员[一二三123])\)"
)
JOINT = re.compile(r"联合体|牵头(?:人|方|单位|公司)?|成员(?:单位|方)?[):]|组成联合|联合投标")
LEADER = re.compile(r"(?:联合体)?(?:牵头人?方?(?:单位|公司)?|主体方?|主办[人方]|成员(?:单位|方)?\d?|联合体)[:: ]")
SEPARATOR = re.compile(
    r"[、,;|/\n&+]|\s{2,}|(?<=[司院学心所局厂)]) |(?<=[司院学心所局)])[和与及](?=[\u4e00-\u9fff(]{3})"
)
JOINT_TAIL = re.compile(r"(?:组成的?)?联合体$")
ORGANISATION_STOP = re.compile(r"[。;!?\t\n]|,(?=[^,]{0,40}(?:地址|联系|电话|金额|得分|为|中标|成交))| {2,}")
NUMBER = re.compile(
    r"(?:[\[(][0-9A-Za-z]{1,20}[\])])?[0-9A-Za-z\u4e00-\u9fff](?:[0-9A-Za-z\u4e00-\u9fff\-_./#*&+]|[\[(][0-9A-Za-z\-_.]{1,20}[\])]"
    r"| (?=-)|(?<=-) )*"
)
NUMBER_END = re.compile(r"[-_./&+]+$")
PERSON = re.compile(r"[\u4e00-\u9fff·]{2,4}(?:\([^)]*\))?$")


def clean_organisation(folded, start, end):
    """Return (start, end) of the name of one organisation at the beginning of a part of a text, or None."""
    stop = ORGANISATION_STOP.search(folded, start, end)
    end = stop.start() if stop else end
    start, end = _strip(folded, start, end, " :,、;./\"'-*|")
    words = folded[start:end]
    if " " in words:
        first = words.split(" ")[0]
        if ORGANISATION.search(first) and len(first) > 3:
            end = start + len(first)
    while match := _trailing_brackets(folded, start, end):
        end = match
    start, end = _strip(folded, start, end, " :,、;./\"'-*|")
    while end > start and folded[end - 1] == "(":
        end -= 1
    return (start, end) if is_organisation(folded[start:end]) else None


def _trailing_brackets(folded, start, end):
    """Return where a name ends before a bracket that is no part of it (（牵头人）, （联系人：…）), or None."""
    if end > start and folded[end - 1] == ")":
        opening = folded.rfind("(", start, end)
        if opening > start:
            inside = folded[opening:end]
            if ROLES.fullmatch(inside) or ":" in inside or "■" in inside or "联合体" in inside or "以下" in inside:
                return opening
    return None


def is_organisation(name):
    """Return whether a folded text can be the name of an organisation; a person's name is none."""
    name = name.strip()
    if not 3 <= len(name.replace(" ", "")) <= 60 or NOTHING.search(name) or FAILED.search(name):
        return False
    if not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", name) or re.search(r"[。;:%¥]|\d{7}", name):
        return False
    return bool(ORGANISATION.search(name)) or not PERSON.fullmatch(name)


def split_organisations(folded, start, end):
    """Return the (start, end) of the names in a part of a text, if every piece is a name; else those of one name."""
    pieces, first = [], start
    for match in SEPARATOR.finditer(folded, start, end):
        if folded.count("(", first, match.start()) == folded.count(")", first, match.start()):
            pieces.append((first, match.start()))
            first = match.end()
    pieces.append((first, end))
    names = []
    for piece in pieces:
        a, b = _strip(folded, *piece, " :,、;./\"'*|")
        if a == b or re.fullmatch(r"[(]?(?:\d{1,2}|[一二三四五六七八九十])[)]?", folded[a:b]):
            continue  # nothing, or a number before a name
        if match := re.match(r"(?:\d{1,2}[.、)]|[(]\d[)]|[①②③④⑤])", folded[a:b]):
            a += match.end()
        if match := LEADER.match(folded, a, b):
            a = match.end()
        tail = JOINT_TAIL.search(folded, a, b)
        name = clean_organisation(folded, a, tail.start() if tail else b)
        if name is None or not ORGANISATION.search(folded[slice(*name)]):
            whole = clean_organisation(folded, start, end)
            return [whole] if whole else []
        names.append(name)
    return names


def clean_number(folded, start, end):
    """Return (start, end) of an official number at the beginning of a part of a text, or None."""
    start, end = _strip(folded, start, end, " :,、;.\"'")
    match = NUMBER.match(folded, start, end)
    if match is None:
        return None
    words = match[0]
    cut = NUMBER_END.sub("", words)
    if not re.search(r"\d", cut) or len(cut) < 3 or len(cut) > 80:
        return None
    if len(re.findall(r"[\u4e00-\u9fff]", cut)) > 20:
        return None
    return start, start + len(cut)


def clean_title(folded, start, end):
    """Return (start, end) of the name of a project at the beginning of a part of a text, or None."""
    stop = re.compile(r"[。;\t\n]| {3,}").search(folded, start, end)
    start, end = _strip(folded, start, stop.start() if stop else end, " :,、;\"'|")
    if bracket := re.search(r"\((?:项目|采购|招标)?(?:项目)?编号[^()]{0,80}\)?$", folded[start:end]):
        end = start + bracket.start()
        start, end = _strip(folded, start, end, " :,、;\"'|")
    words = folded[start:end]
    if not 4 <= len(words) <= 200 or NOTHING.search(words) or not re.search("[\u4e00-\u9fffA-Za-z]{3}", words):
        return None
    return start, end


def _strip(folded, start, end, characters):
    while start < end and folded[start] in characters + "\n\t":
        start += 1
    while start < end and folded[end - 1] in characters + "\n\t":
        end -= 1
    return start, end
