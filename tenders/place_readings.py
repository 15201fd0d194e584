"""Readings of places of mainland China that dictionaries of pinyin do not have, or have otherwise."""

from pypinyin import load_phrases_dict

# Names of prefectures, counties and districts, and of what is called after a river, a wall or a march.
READINGS = {
    **{
        name: f"chang {reading}"
        for name, reading in {
            "长安": "an", "长白": "bai", "长城": "cheng", "长春": "chun", "长岛": "dao", "长丰": "feng", "长葛": "ge",
            "长海": "hai", "长江": "jiang", "长乐": "le", "长岭": "ling", "长宁": "ning", "长清": "qing", "长沙": "sha",
            "长寿": "shou", "长顺": "shun", "长泰": "tai", "长汀": "ting", "长途": "tu", "长武": "wu", "长兴": "xing",
            "长阳": "yang", "长垣": "yuan", "长征": "zheng", "长治": "zhi",
        }.items()
    },
    "长子县": "zhang zi xian", "阿图什": "a tu shi", "朝阳": "chao yang", "大城县": "dai cheng xian",
    "宕昌": "tan chang", "都安": "du an", "单县": "shan xian", "繁峙": "fan shi", "洪洞": "hong tong",
    "珲春": "hun chun", "解州": "xie zhou", "浚县": "xun xian", "六合": "lu he", "漯河": "luo he",
    "穆棱": "mu ling", "尼勒克": "ni le ke", "郫都": "pi du", "覃塘": "qin tang", "仇集": "qiu ji",
    "什邡": "shi fang", "塔什库尔干": "ta shi ku er gan", "涡阳": "guo yang", "荥经": "ying jing", "于都": "yu du",
    "召陵": "shao ling", "筠连": "jun lian",
}  # fmt: skip


def load_readings():
    """Let pypinyin know the readings; it splits a text into the longest names that it knows."""
    load_phrases_dict({name: [[syllable] for syllable in reading.split()] for name, reading in READINGS.items()})
