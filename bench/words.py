"""
Parts of names and titles of synthetic records, in English and Chinese.

The benchmark searches for surveillance, 监控 (two characters) and 服务器 (three); only ``ITEMS`` contain these words.
``ITEMS`` are ordered by their frequency, so that about one tender in ten has each of the words.
"""

ITEMS = [
    ("data sharing platform", "数据共享平台"),
    ("server", "服务器"),
    ("electronic certificate system", "电子证照系统"),
    ("surveillance camera network", "监控摄像网络"),
    ("evidence preservation platform", "存证平台"),
    ("surveillance platform", "监控平台"),
    ("electronic invoice system", "电子发票系统"),
    ("food traceability system", "食品溯源系统"),
    ("teaching laboratory", "教学实验室"),
    ("standards research", "标准研究"),
    ("identity authentication service", "身份认证服务"),
    ("surveillance data storage", "监控数据存储"),
    ("cloud hosting", "云托管"),
    ("supply chain finance platform", "供应链金融平台"),
    ("housing fund data exchange", "公积金数据交换"),
    ("customs declaration system", "报关系统"),
    ("copyright registry", "版权登记系统"),
    ("medical record exchange", "病历交换"),
    ("security assessment", "安全评估"),
    ("bidding platform", "招投标平台"),
    ("land registry", "不动产登记系统"),
    ("donation ledger", "捐赠账本"),
    ("patent pledge service", "专利质押服务"),
    ("logistics tracking", "物流跟踪"),
]
QUALITIES = [
    ("municipal", "市级"),
    ("smart", "智慧"),
    ("unified", "统一"),
    ("second-phase", "二期"),
    ("pilot", "试点"),
    ("regional", "区域"),
    ("trusted", "可信"),
    ("integrated", "综合"),
]
ACTIONS = [
    ("procurement", "采购"),
    ("construction", "建设"),
    ("upgrade", "升级"),
    ("maintenance", "运维"),
    ("research", "研究"),
    ("pilot operation", "试运行"),
]

# The name of a place is a prefix and a suffix.
PLACE_PREFIXES = [
    ("An", "安"),
    ("Bao", "宝"),
    ("Chang", "长"),
    ("Fu", "福"),
    ("Gao", "高"),
    ("He", "和"),
    ("Jin", "金"),
    ("Ling", "灵"),
    ("Ming", "明"),
    ("Nan", "南"),
    ("Ping", "平"),
    ("Qing", "清"),
    ("Tai", "泰"),
    ("Xin", "新"),
    ("Yong", "永"),
    ("Zhen", "镇"),
]
PLACE_SUFFIXES = [
    ("an", "安"),
    ("cheng", "城"),
    ("du", "都"),
    ("hai", "海"),
    ("jiang", "江"),
    ("ling", "岭"),
    ("ping", "平"),
    ("shan", "山"),
    ("shui", "水"),
    ("yang", "阳"),
    ("yuan", "源"),
    ("zhou", "州"),
]

# Organisations that buy, with their kind of institution.
ORGANISATIONS = [
    ("Tax Service", "税务局", "tax-authority"),
    ("Big Data Bureau", "大数据局", "government-department"),
    ("Finance Bureau", "财政局", "government-department"),
    ("Housing Fund Centre", "住房公积金管理中心", "public-institution"),
    ("University", "大学", "university-or-college"),
    ("Vocational College", "职业学院", "university-or-college"),
    ("People’s Court", "人民法院", "court-or-procuratorate"),
    ("Procuratorate", "人民检察院", "court-or-procuratorate"),
    ("Customs", "海关", "customs"),
    ("People’s Hospital", "人民医院", "hospital"),
    ("Key Laboratory", "重点实验室", "laboratory"),
    ("Software Association", "软件协会", "association"),
    ("Investment Group", "投资集团", "state-owned-enterprise"),
    ("Data Company", "数据公司", "company"),
]

# The name of a company is two syllables and a trade.
FIRM_SYLLABLES = [
    ("Bo", "博"),
    ("Chuang", "创"),
    ("Da", "达"),
    ("Feng", "丰"),
    ("Guang", "光"),
    ("Heng", "恒"),
    ("Jia", "嘉"),
    ("Kang", "康"),
    ("Lian", "联"),
    ("Rui", "瑞"),
    ("Sheng", "盛"),
    ("Tong", "通"),
    ("Wei", "维"),
    ("Yu", "宇"),
]
FIRM_TRADES = [
    ("Technology", "科技"),
    ("Information", "信息"),
    ("Software", "软件"),
    ("Network", "网络"),
    ("Data", "数据"),
    ("Communications", "通信"),
]
