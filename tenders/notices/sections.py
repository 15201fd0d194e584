"""Headings that say of whom the lines below speak: 1.采购人信息, 二、拟定供应商信息."""

import re

SECTIONS = {
    "采购人信息": "buyer", "采购单位信息": "buyer", "采购人联系信息": "buyer", "招标人信息": "buyer",
    "征集人信息": "buyer",
    "采购人": "buyer", "采购单位": "buyer", "招标人": "buyer", "甲方": "buyer", "采购单位联系方式": "buyer",
    "采购人联系方式": "buyer", "采购人信息及联系方式": "buyer",
    "采购代理机构信息": "agency", "代理机构信息": "agency", "采购代理机构": "agency", "代理机构": "agency",
    "采购代理机构信息(如有)": "agency", "采购代理机构(如有)": "agency", "招标代理机构": "agency",
    "集中采购机构": "agency",
    "采购代理机构联系方式": "agency", "代理机构联系方式": "agency",
    "拟定供应商信息": "proposed_supplier", "拟定供应商": "proposed_supplier",
    "拟定的唯一供应商信息": "proposed_supplier",
    "拟定的唯一供应商名称及其地址": "proposed_supplier", "拟定供应商名称及地址": "proposed_supplier",
    "拟定的唯一供应商": "proposed_supplier", "拟定唯一供应商": "proposed_supplier",
    "中标信息": "supplier", "中标(成交)信息": "supplier", "成交信息": "supplier", "供应商(乙方)": "supplier",
    "乙方": "supplier",
    "中标供应商": "supplier", "成交供应商": "supplier", "中标(成交)供应商": "supplier",
    "项目联系方式": "contact", "项目联系人": "contact", "监督部门": "contact", "财政部门": "contact",
    "联系方式": "contact",
}  # fmt: skip


def section_of(words):
    """Return the party of a heading that is no label of the table: 二、采购单位的情况."""
    if re.search("候选", words):
        return "candidate"
    if re.search("拟定|拟采购|唯一供应商", words):
        return "proposed_supplier"
    if re.search("代理机构", words) and "采购人" not in words and "费" not in words:
        return "agency"
    if re.search("(?:采购人|采购单位|招标人)", words) and re.search("信息|情况|名称", words) and "代理" not in words:
        return "buyer"
    if re.search("中标|成交|中选|入围", words) and re.search("信息|结果|供应商|情况|人", words):
        return "supplier"
    return ""
