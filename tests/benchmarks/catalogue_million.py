"""A catalogue as large as the largest shops', made once and kept: half from real products where they lie, half Chinese.

Everything is drawn from a seeded generator, so that every run measures the same file.
"""

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.catalogue.gtin import BadGtin, check_digit, to_gtin14
from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.products import Department, Price, Product, ProductBarcode
from app.values.tax import TaxClass
from app.values.wording import LocalizedText
from offline_store.catalogue.build import BookDescription, build_catalogue

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When the price book says it was made; prices without dates hold at any instant."""

REAL_PRODUCTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "products-100k.tsv.gz"

_VERSION = 8

_BRANDS = (
    "农夫山泉:nong fu shan quan 康师傅:kang shi fu 统一:tong yi 娃哈哈:wa ha ha 蒙牛:meng niu 伊利:yi li 光明:guang ming"
    " 旺旺:wang wang 达利园:da li yuan 三只松鼠:san zhi song shu 良品铺子:liang pin pu zi 海天:hai tian 李锦记:li jin ji"
    " 金龙鱼:jin long yu 福临门:fu lin men 鲁花:lu hua 双汇:shuang hui 雨润:yu run 青岛:qing dao 雪花:xue hua"
    " 燕京:yan jing 王老吉:wang lao ji 加多宝:jia duo bao 东鹏:dong peng 元气森林:yuan qi sen lin 六个核桃:liu ge he tao"
    " 银鹭:yin lu 徐福记:xu fu ji 大白兔:da bai tu 好丽友:hao li you 奥利奥:ao li ao 蓝月亮:lan yue liang 立白:li bai"
    " 雕牌:diao pai 心相印:xin xiang yin 清风:qing feng 维达:wei da 舒肤佳:shu fu jia 云南白药:yun nan bai yao 两面针:liang mian zhen"
)
_GOODS = (
    "矿泉水:kuang quan shui 绿茶:lü cha 红茶:hong cha 乌龙茶:wu long cha 牛奶:niu nai 酸奶:suan nai 豆浆:dou jiang"
    " 方便面:fang bian mian 饼干:bing gan 薯片:shu pian 坚果:jian guo 瓜子:gua zi 花生:hua sheng 酱油:jiang you 食醋:shi cu"
    " 料酒:liao jiu 花生油:hua sheng you 大豆油:da dou you 面粉:mian fen 大米:da mi 挂面:gua mian 火腿肠:huo tui chang"
    " 香肠:xiang chang 啤酒:pi jiu 白酒:bai jiu 葡萄酒:pu tao jiu 凉茶:liang cha 气泡水:qi pao shui 八宝粥:ba bao zhou"
    " 奶糖:nai tang 巧克力:qiao ke li 蛋糕:dan gao 洗衣液:xi yi ye 洗洁精:xi jie jing 抽纸:chou zhi 卷纸:juan zhi"
    " 香皂:xiang zao 牙膏:ya gao 洗发水:xi fa shui 沐浴露:mu yu lu 电池:dian chi 雨伞:yu san 毛巾:mao jin 拖鞋:tuo xie"
)
_KINDS = (
    "原味:yuan wei 麻辣:ma la 香辣:xiang la 五香:wu xiang 番茄:fan qie 黄瓜:huang gua 草莓:cao mei 蓝莓:lan mei 柠檬:ning meng"
    " 蜜桃:mi tao 茉莉:mo li 低糖:di tang 无糖:wu tang 全脂:quan zhi 脱脂:tuo zhi 浓香:nong xiang 清香:qing xiang 薄荷:bo he"
    " 红烧牛肉:hong shao niu rou 老坛酸菜:lao tan suan cai 海鲜:hai xian 芝麻:zhi ma 核桃:he tao 红枣:hong zao 绿豆:lü dou"
)
_MAKERS = (
    "安:an 宝:bao 昌:chang 达:da 恩:en 丰:feng 冠:guan 恒:heng 佳:jia 康:kang 乐:le 美:mei 宁:ning 鹏:peng 庆:qing 瑞:rui"
    " 盛:sheng 泰:tai 旺:wang 兴:xing 雅:ya 泽:ze 博:bo 诚:cheng 德:de 福:fu 广:guang 华:hua 嘉:jia 凯:kai 龙:long 明:ming"
    " 欧:ou 普:pu 奇:qi 荣:rong 顺:shun 腾:teng 伟:wei 祥:xiang 怡:yi 卓:zhuo 百:bai 春:chun 鼎:ding 飞:fei 国:guo 海:hai"
    " 锦:jin 科:ke 利:li 茂:mao 诺:nuo 品:pin 仁:ren 思:si 通:tong 万:wan 新:xin 永:yong 振:zhen 彩:cai 东:dong 方:fang"
)
_SIZES = [
    "50g",
    "75g",
    "100g",
    "125g",
    "150g",
    "180g",
    "200g",
    "250g",
    "300g",
    "330ml",
    "400g",
    "450ml",
    "500ml",
    "550ml",
    "600ml",
    "750ml",
    "1L",
    "1.5L",
    "2L",
    "2.5kg",
    "5kg",
    "10kg",
]
_DEPARTMENTS = tuple(
    Department(f"d{number}", LocalizedText(name))
    for number, name in enumerate(("食品", "饮料", "日用", "生鲜", "烟酒", "其他"))
)
_TAX_CLASSES = (
    NamedTaxClass(TaxClass("standard", 1300), LocalizedText("13%")),
    NamedTaxClass(TaxClass("reduced", 900), LocalizedText("9%")),
)


def million_catalogue(folder: Path, products: int = 1_000_000) -> Path:
    """Return a finished catalogue file of so many products in a folder, making it where it is not there yet."""
    kind = "real" if REAL_PRODUCTS.exists() else "made"
    path = folder / f"million-{kind}-{products}-v{_VERSION}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".making")
        book = BookDescription(MADE_AT, _DEPARTMENTS, _TAX_CLASSES, source=path.name)
        build_catalogue(making, book, million_records(products))
        making.replace(path)
    return path


def million_records(products: int) -> Iterator[ProductRecord]:
    """Draw records, foreign and Chinese by turns; the nth record does not hang on how many there are."""
    draw = random.Random(20260101)
    foreign = _foreign_names(draw)
    seen: set[str] = set()
    for number in range(products):
        if number % 2:
            company, name, brand, pinyin = next(foreign)
        else:
            company, name, brand, pinyin = _chinese_name(draw)
        gtin = _new_gtin(draw, company, seen)
        product_id = f"{100_000 + number}"
        product = Product(
            product_id,
            LocalizedText(name),
            _DEPARTMENTS[number % len(_DEPARTMENTS)].department_id,
            _TAX_CLASSES[number % 3 == 0].tax_class.tax_class_id,
            plu=f"{number:05d}" if 4000 <= number < 5000 else None,
            brand=brand,
            pinyin=pinyin,
        )
        prices = [Price(product_id, draw.randrange(50, 50_000))]
        if number % 20 == 0:
            prices.append(Price(product_id, 49, valid_from=datetime(2027, 1, 1, tzinfo=UTC)))
        yield ProductRecord(product, (ProductBarcode(gtin, product_id),), tuple(prices))


def _words(text: str) -> list[tuple[str, str]]:
    found = []
    for part in text.replace("ü", "v").split(" "):
        if ":" in part:
            name, first = part.split(":")
            found.append((name, [first]))
        else:
            found[-1][1].append(part)
    return [(name, " ".join(syllables)) for name, syllables in found]


_BRAND_WORDS, _GOODS_WORDS, _KIND_WORDS, _MAKER_WORDS = map(_words, (_BRANDS, _GOODS, _KINDS, _MAKERS))


def _chinese_name(draw: random.Random) -> tuple[str, str, str, str]:
    if draw.random() < 0.4:
        brand, brand_pinyin = draw.choice(_BRAND_WORDS)
    else:
        parts = [draw.choice(_MAKER_WORDS) for _ in range(draw.choice((2, 2, 3)))]
        brand, brand_pinyin = "".join(part[0] for part in parts), " ".join(part[1] for part in parts)
    goods, goods_pinyin = draw.choice(_GOODS_WORDS)
    kind, kind_pinyin = draw.choice(_KIND_WORDS)
    name = f"{brand}{kind}{goods}{draw.choice(_SIZES)}"
    company = f"69{draw.randrange(1, 4)}{abs(hash_of(brand)) % 10_000:04d}"
    return company, name, brand, f"{brand_pinyin} {kind_pinyin} {goods_pinyin}"


def hash_of(text: str) -> int:
    """Return a number for a text that is the same in every process."""
    number = 17
    for letter in text:
        number = (number * 31 + ord(letter)) % 1_000_003
    return number


def _foreign_names(draw: random.Random) -> Iterator[tuple[str, str, str, str]]:
    base = list(_real_rows()) or list(_made_rows(draw))
    for company, name, brand in base:
        yield company, name, brand, ""
    while True:
        company, name, brand = draw.choice(base)
        other = draw.choice(base)[1].split()
        words = name.split()
        if words and other:
            words[draw.randrange(len(words))] = draw.choice(other)
        yield company, " ".join((*words, draw.choice(_SIZES))), brand, ""


def _real_rows() -> Iterator[tuple[str, str, str]]:
    if not REAL_PRODUCTS.exists():
        return
    with gzip.open(REAL_PRODUCTS, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            code, name, _, brand = line.rstrip("\n").split("\t")
            try:
                gtin = to_gtin14(code)
            except BadGtin:
                continue
            yield gtin[1:8], name, brand


def _made_rows(draw: random.Random) -> Iterator[tuple[str, str, str]]:
    syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er", "il")]
    words = ["".join(draw.choice(syllables) for _ in range(draw.randrange(2, 5))) for _ in range(20_000)]
    for _ in range(50_000):
        brand = draw.choice(words[:2000])
        name = " ".join([brand, *(draw.choice(words) for _ in range(draw.randrange(2, 6))), draw.choice(_SIZES)])
        yield f"{draw.randrange(300, 500)}{hash_of(brand) % 10_000:04d}", name, brand


def _new_gtin(draw: random.Random, company: str, seen: set[str]) -> str:
    while True:
        body = f"0{company}{draw.randrange(100_000):05d}"
        gtin = body + check_digit(body)
        if gtin not in seen:
            seen.add(gtin)
            return gtin
        company = f"{company[:5]}{draw.randrange(100):02d}"
