"""Recognises the columns of a table by the names that shops and their systems give them, in both languages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.catalogue.importing.problems import MissingColumns
from app.catalogue.search_text import fold
from app.values.wording import Wording, wording

_PRODUCT_NAMES = {
    "product_id": "product_id productid article article_no article_number sku item item_no item_code id code"
    " 编码 货号 商品编码 商品编号 商品货号 商品代码 编号 物料编码 自编码",
    "name": "name product_name description title 品名 名称 商品名称 商品名 货品名称 商品全称",
    "name_en": "name_en english english_name 英文名 英文名称 英文品名",
    "department": "department department_id category group class 类别 分类 部门 品类 商品分类 商品类别 大类",
    "tax_class": "tax_class tax tax_class_id vat 税类 税率类别 税种 税目",
    "unit": "unit uom 单位 计量单位 销售单位",
    "price": "price retail_price selling_price unit_price amount 零售价 售价 单价 价格 销售价 标价",
    "member_price": "member_price 会员价 会员售价",
    "barcodes": "barcodes barcode gtin ean upc ean13 gtins 条码 条形码 商品条码 国际条码 条码号",
    "plu": "plu plu_code scale_code plu码 秤码 称重码 生鲜码",
    "minimum_age": "minimum_age age age_limit min_age 最低年龄 年龄限制",
    "deposit_product": "deposit_product deposit deposit_product_id 押金商品 押金编码 押金",
    "price_rule": "price_rule 定价方式 价格方式",
    "brand": "brand 品牌 牌子",
    "specification": "specification spec size pack_size 规格 规格型号 包装规格",
    "picture": "picture image photo 图片",
    "pinyin": "pinyin 拼音 全拼",
    "discountable": "discountable discount_allowed 可打折 允许打折 是否打折 折扣",
    "returnable": "returnable return_allowed 可退货 允许退货 是否可退",
    "blocked": "blocked blocked_reason 停售 停售原因 禁售 禁售原因",
    "tare_grams": "tare_grams tare tare_g packaging_weight 皮重 皮重克 包装重量",
}
_PRICE_NAMES = {
    "product_id": _PRODUCT_NAMES["product_id"],
    "price_list": "price_list list 价格表 价格类型 价类",
    "amount": "amount price 价格 售价 零售价 金额",
    "valid_from": "valid_from from start 生效日期 开始日期 起始日期",
    "valid_until": "valid_until until end 失效日期 结束日期 截止日期",
}
_DEPARTMENT_NAMES = {
    "department_id": "department_id department id code 编码 类别编码 分类编码",
    "name": "name 名称 类别 分类 类别名称 分类名称",
    "name_en": _PRODUCT_NAMES["name_en"],
    "colour": "colour color 颜色",
    "picture": _PRODUCT_NAMES["picture"],
}
_TAX_CLASS_NAMES = {
    "tax_class_id": "tax_class_id tax_class id code 编码 税类编码",
    "name": "name 名称 税类 税类名称",
    "name_en": _PRODUCT_NAMES["name_en"],
    "rate_percent": "rate_percent rate percent 税率",
    "included": "included tax_included 含税 是否含税",
}

COLUMN_NAMES: Mapping[str, Mapping[str, str]] = {
    "products": _PRODUCT_NAMES,
    "prices": _PRICE_NAMES,
    "departments": _DEPARTMENT_NAMES,
    "tax_classes": _TAX_CLASS_NAMES,
}
"""For each table its columns, and for each column the headers that are known to mean it, the own name first."""


def header_key(header: str) -> str:
    """Return a header without what does not tell it apart: case, width, spaces, hyphens, a unit in brackets.

    >>> header_key(" Product-ID "), header_key("零售价（元）*")
    ('product_id', '零售价')
    """
    folded = fold(header).replace("*", "").strip()
    bare = folded.split("(")[0].strip() or folded
    return "_".join(bare.replace("-", " ").replace("_", " ").split())


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of one table stand."""

    places: Mapping[str, int]
    """Column by its own name → place in the row, from 0."""

    width: int
    """How many cells the header has."""

    unknown: tuple[str, ...]
    """Headers that mean nothing here and are passed over."""

    def __contains__(self, column: str) -> bool:
        return column in self.places

    def cell(self, cells: Sequence[str], column: str) -> str:
        """Return a cell without blanks around it, or an empty text where the column or the cell is missing."""
        place = self.places.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""


def recognise(table: str, header: Sequence[str], named: Mapping[str, str]) -> Columns:
    """Find the columns of a table.

    `named` says for columns what their header is in this file, where the usual names would not find it. Where two
    headers mean the same column the first one counts, unless the other is the column's own name.

    Raises:
        MissingColumns: if a header that `named` speaks of is not there.
    """
    keys = [header_key(text) for text in header]
    places: dict[str, int] = {}
    for column, text in named.items():
        if header_key(text) not in keys:
            raise MissingColumns(
                wording(
                    'There is no column "{header}". The file has: {found}.', header=text[:40], found=_listed(header)
                )
            )
        places[column] = keys.index(header_key(text))
    for column, names in COLUMN_NAMES[table].items():
        if column not in places:
            place = _place(keys, names.split(), set(places.values()))
            if place is not None:
                places[column] = place
    taken = set(places.values())
    unknown = tuple(text for place, text in enumerate(header) if place not in taken and text.strip())
    return Columns(places, len(header), unknown)


def _place(keys: Sequence[str], names: Iterable[str], taken: set[int]) -> int | None:
    for name in names:
        for place, key in enumerate(keys):
            if key == name and place not in taken:
                return place
    return None


def require(columns: Columns, table: Wording, header: Sequence[str], *needed: str) -> None:
    """Refuse a table that lacks columns.

    Raises:
        MissingColumns: naming what is missing and what was found.
    """
    missing = [column for column in needed if column not in columns]
    if missing:
        raise MissingColumns(
            wording(
                "{table} has no column {missing}. It has: {found}. Name the column in its first row and try again.",
                table=table,
                missing=", ".join(missing),
                found=_listed(header),
            )
        )


def _listed(header: Sequence[str]) -> str:
    return ", ".join(text.strip()[:30] for text in header[:12] if text.strip()) or "-"
