"""Characters that no text of a table has: they show that a file was read in another encoding than it was written in."""

import codecs
import re
import unicodedata

from django.utils.translation import gettext as _

from tenders.imports.readers.tables import RefusedCell

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# The commonest characters of Chinese and of notices: four in five of a table, one in seven of a wrongly decoded text.
COMMON = set(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别手角期根论运农指几九区强放决西被做必战先回"
    "则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速"
    "花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话整空元况今集温传土许步群广石记需段研界律究观越织装影算"
    "低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往市克何除消构府称准精值号率族维划选标写存候"
    "快效斯院查江型眼王按格养易置派层片始专状育厂京识适属圆包火住满县局照参红细引听该铁价严购招投链块网台企司限税医疗银监督财融检测"
    "服智慧城云码溯源食药房登档案咨询租赁贸湖圳州杭宁苏浙福厦莞佛滨津渝贵阳武汉济沈哈尔昆成都互某甲乙丙丁公告供商务局厅处镇乡村街"
    "优评审货币付款额预算废流未失败终止采集版签章票据交换共享防伪追踪凭链路节点钥密钥份验认证存证数字化软硬件服务器平台项目系统"
)
UNASSIGNED = {"Cn", "Co", "Cs"}
REPLACEMENT = "\ufffd"  # stands for what could not be decoded
REPLACED = "锟斤拷"  # two of them in UTF-8, read as GBK
# The beginning of a character in UTF-8, read as Windows-1252: "åŒº" for 区.
LATIN_PAIRS = re.compile(r"[\u00a1-\u00ff]{2}")
AS_LATIN = re.compile(r"[Â-ô][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def improbable(text):
    """Return the first character of a text that no table has, or None: an unassigned, private or control one."""
    if text.isprintable() and REPLACEMENT not in text:
        return None
    return next((sign for sign in text if sign == REPLACEMENT or _is_improbable(sign)), None)


def _is_improbable(sign):
    category = unicodedata.category(sign)
    if category == "Cc":
        return sign not in "\t\n\r"
    return category in UNASSIGNED and not HAN.match(sign)  # Han is still added to Unicode


def misread(text):
    """Return what a text was before its UTF-8 was read in another encoding, or None for a text that is none of that."""
    if text.isascii():
        return None
    found = _decoded(text, "cp1252") if AS_LATIN.search(text) else None
    found = found or (_of_latin(text) if LATIN_PAIRS.search(text) else None)
    if found:
        return found
    first = HAN.search(text)
    # UTF-8 in Chinese begins with one of six bytes, and so with one of the rarer characters of GB 18030.
    found = None if first is None or first[0] in COMMON else _decoded(text.rstrip("?"), "gb18030")
    is_chinese = found and len(found) > 1 and all(sign.isascii() or HAN.match(sign) for sign in found)
    return found if is_chinese and not found.isascii() else None


def _of_latin(text):
    """Return the Chinese whose GB 18030 was read as Latin-1: "Ä³ÊÐ" for 某市."""
    try:
        found = text.encode("cp1252").decode("gb18030")
    except UnicodeError:
        return None
    han = HAN.findall(found)
    return found if 2 * sum(sign in COMMON for sign in han) >= len(han) > 1 else None


def _decoded(text, encoding):
    """Return the text whose UTF-8, read in an encoding, gave another text; its last character may be cut off."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(text.encode(encoding))
    except UnicodeError:
        return None


def checked(text):
    """Return a text, or why a cell that has it is refused."""
    if text.isascii() and text.isprintable():
        return text
    if sign := improbable(text):
        if unicodedata.category(sign) == "Cc":
            message = _("Remove the control character (U+%(code)s).")
        else:
            message = _("Type the text again without U+%(code)s: no writing has this character.")
        return RefusedCell(text, message % {"code": f"{ord(sign):04X}"})
    if REPLACED in text:
        return RefusedCell(text, _("Type the text again: its characters were lost in a wrong encoding."))
    if meant := misread(text):
        message = _("Type the text again: in a wrong encoding “%(meant)s” became this.")
        return RefusedCell(text, message % {"meant": meant[:50]})
    return text
