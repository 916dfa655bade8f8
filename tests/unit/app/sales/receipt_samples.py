"""Sales of a small shop, with every figure worked out by hand, for the tests of receipts and printers.

Whole milk 2 x 12.90 = 25.80, second at half price -6.45 = 19.35; of it 13 %: 19.35 x 13/113 = 2.226 -> 2.23
Fuji apples 1.245 kg x 9.90 = 12.3255 -> 12.33; 9 %: 12.33 x 9/109 = 1.018 -> 1.02
Rice wine 45.00 instead of 49.00; 13 %: 45 x 13/113 = 5.177 -> 5.18
Beer 6.50; 13 %: 6.5 x 13/113 = 0.748 -> 0.75; its bottle's deposit 0.50, no tax
Subtotal 25.80 + 12.33 + 45.00 + 6.50 + 0.50 = 90.13; less 6.45 = 83.68; rounded to 10 fen 83.70 (+0.02)
Paid 100.00 in cash, change 16.30
13 %: gross 19.35 + 45.00 + 6.50 = 70.85, tax 2.23 + 5.18 + 0.75 = 8.16, net 62.69
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from app.members.coupons import CouponUse, Proof, ReturnRule
from app.payments.tenders import Tendered
from app.sales.receipt import Receipt, Shop
from app.sales.sale import (
    CompletedSale,
    DiscountScope,
    DiscountShare,
    PriceSource,
    Sale,
    SaleLine,
    SaleMember,
    SaleOffer,
    SalePromotions,
    TaxSummaryRow,
)
from app.values.identifiers import EntryId, ReceiptNumber
from app.values.quantity import SellingUnit
from app.values.speech import Speech
from app.values.tax import TaxAmounts, TaxClass
from app.values.wording import LocalizedText

STANDARD = TaxClass("standard", 1300)
REDUCED = TaxClass("reduced", 900)
ZERO = TaxClass("zero", 0)

CHINESE = {
    "Tel. {phone}": "电话 {phone}",
    "Taxpayer no. {number}": "税号 {number}",
    "COPY {number}": "副本/COPY {number}",
    "COPY: reprint of an interrupted receipt": "副本/COPY 补打中断的小票",
    "Receipt": "小票号",
    "Time": "时间",
    "Till": "收银台",
    "Served by": "收银员",
    "Item": "商品",
    "Amount": "金额",
    "{quantity} × {price}": "{quantity} × {price}",
    "{quantity} kg × {price}/kg": "{quantity} 公斤 × {price}/公斤",
    "Price changed, was {price}": "改价，原价 {price}",
    "Batch {batch}": "批号 {batch}",
    "Use by {date}": "有效期至 {date}",
    "Number of items": "件数",
    "Subtotal": "小计",
    "You saved": "已优惠",
    "Rounding": "抹零",
    "You saved {amount}": "本单共优惠 {amount}",
    "{count} other offers": "其他 {count} 项优惠",
    "1 other offer": "其他 1 项优惠",
    "Coupon: {name}": "优惠券：{name}",
    "Member": "会员",
    "Points earned": "本次积分",
    "Points earned, birthday": "本次积分（生日）",
    "Points spent": "使用积分",
    "Points after this purchase": "积分余额",
    "The points of this purchase can be spent until {date}.": "本次积分有效期至 {date}。",
    "Total": "合计",
    "Change": "找零",
    "Taken offline, without asking the bank": "脱机受理，未经银行确认",
    "Refunds on receipt {number}": "小票 {number} 的退款",
    "Given back": "已退款",
    "On its way: the shop's till sends it until the provider confirms it. Keep this receipt.": (
        "退款处理中：收银台将持续提交，直至支付机构确认。请保留本小票。"
    ),
    "{amount} was not given back. Please ask at the till.": "{amount} 未退成，请到收银台询问。",
    "Tax rate": "税率",
    "Net": "不含税",
    "Tax": "税额",
    "Gross": "含税",
    "Scan for e-receipt, invoice and review": "扫码领取电子小票、开发票、评价",
}

ENGLISH_SPEECH = Speech("en")
CHINESE_SPEECH = Speech("zh_CN", lambda message: CHINESE.get(message, message))


def text(chinese: str, english: str) -> LocalizedText:
    return LocalizedText(chinese, (("en", english),))


SHOP = Shop(
    name=text("柜台社区超市", "Guitai Community Market"),
    address=text("杭州市西湖区文三路18号", "18 Wensan Road, Hangzhou"),
    phone="0571-88880000",
    tax_number="91330100MA00000000",
    receipt_footer=(text("谢谢惠顾，欢迎再次光临", "Thank you, see you soon"),),
    receipt_page_url="https://r.example/s/",
)


def line(
    number: int, name: LocalizedText, amount_minor: int, tax_class: TaxClass = STANDARD, **changes: object
) -> SaleLine:
    plain = SaleLine(
        line_number=number,
        product_id=f"p{number}",
        name=name,
        department_id="food",
        unit=SellingUnit.EACH,
        quantity_thousandths=1000,
        list_price_minor=amount_minor,
        unit_price_minor=amount_minor,
        price_source=PriceSource.BOOK,
        extended_minor=amount_minor,
        discounts=(),
        tax_class=tax_class,
        tax=tax_class.split(amount_minor),
    )
    return replace(plain, **changes)


HALF_PRICE = DiscountShare("d1", DiscountScope.PROMOTION, text("第二件半价", "2nd at half price"), "rule-7", 645)

LINES = (
    line(
        1,
        text("纯牛奶1L", "Whole milk 1 L"),
        2580,
        quantity_thousandths=2000,
        unit_price_minor=1290,
        list_price_minor=1290,
        discounts=(HALF_PRICE,),
        tax=TaxAmounts(1712, 223, 1935),
    ),
    line(
        2,
        text("红富士苹果", "Fuji apples"),
        1233,
        REDUCED,
        unit=SellingUnit.KILOGRAM,
        quantity_thousandths=1245,
        unit_price_minor=990,
        list_price_minor=990,
        tax=TaxAmounts(1131, 102, 1233),
    ),
    line(
        3,
        text("绍兴黄酒500ml", "Rice wine 500 ml"),
        4500,
        list_price_minor=4900,
        price_source=PriceSource.OVERRIDE,
        reason="damaged label",
        batch="L2611",
        expiry=date(2028, 5, 31),
        tax=TaxAmounts(3982, 518, 4500),
    ),
    line(4, text("啤酒640ml", "Beer 640 ml"), 650, tax=TaxAmounts(575, 75, 650)),
    line(5, text("啤酒瓶押金", "Bottle deposit"), 50, ZERO, deposit_of_line=4, tax=TaxAmounts(50, 0, 50)),
)

CASH_TENDER = Tendered(1, "cash", text("现金", "Cash"), "cash_drawer", 10000, 8370, opens_drawer=True)

SALE = Sale(
    sale_id="0192f0c1-7a3e-7b11-9c55-3f2e8d6a4b10",
    store_number=1,
    till_number=2,
    till_id="0001-02",
    session_id="session-1",
    business_date=date(2026, 11, 22),
    operator_number="1001",
    operator_name="王芳",
    opened_at=datetime(2026, 11, 22, 4, 40, tzinfo=UTC),
    completed_at=datetime(2026, 11, 22, 4, 41, 30, tzinfo=UTC),
    currency="CNY",
    lines=LINES,
    tax_summary=(
        TaxSummaryRow(STANDARD, TaxAmounts(6269, 816, 7085)),
        TaxSummaryRow(REDUCED, TaxAmounts(1131, 102, 1233)),
        TaxSummaryRow(ZERO, TaxAmounts(50, 0, 50)),
    ),
    gross_minor=8368,
    rounding_minor=2,
    due_minor=8370,
    tenders=(CASH_TENDER,),
    change_minor=1630,
    discount_minor=645,
)


HALF = LocalizedText("纯牛奶第二件半价", (("en", "Second whole milk at half price"),))
FULL = LocalizedText("全场满80减2", (("en", "2 off from 80, whole shop"),))
COUPON = LocalizedText("新会员见面礼：满50减1元", (("en", "Welcome gift for new members: 1 off from 50"),))
LONG = LocalizedText(
    "周末会员专享：进口水果与乳制品任选三件组合优惠价",
    (("en", "Weekend members only: any three of imported fruit and dairy products together"),),
)


def share(
    offer_id: str, name: LocalizedText, amount: int, scope: DiscountScope = DiscountScope.PROMOTION
) -> DiscountShare:
    return DiscountShare(offer_id, scope, name, "", amount)


def deal_sale(**changes: object) -> Sale:
    """The small shop's sale with four offers, one of them a coupon's, and a member.

    90.13 less 6.45 on the milk, 2.00 over milk and wine, 1.00 by coupon, 0.95 on the apples = 79.73 -> 79.70.
    """
    milk, apples, wine, beer, deposit = LINES
    lines = (
        replace(
            milk,
            discounts=(share("half", HALF, 645), share("full", FULL, 60), share("coupon.001.w", COUPON, 35)),
            tax=TaxAmounts(1628, 212, 1840),
        ),
        replace(apples, discounts=(share("three", LONG, 95),), tax=TaxAmounts(1044, 94, 1138)),
        replace(
            wine,
            discounts=(share("full", FULL, 140), share("coupon.001.w", COUPON, 65)),
            tax=TaxAmounts(3801, 494, 4295),
        ),
        beer,
        deposit,
    )
    offers = (
        SaleOffer("half", HALF, 1, 645),
        SaleOffer("three", LONG, 1, 95),
        SaleOffer("full", FULL, 1, 200),
        SaleOffer("coupon.001.w", COUPON, 1, 100, ("r-1",)),
    )
    sale = replace(
        SALE,
        lines=lines,
        gross_minor=7973,
        rounding_minor=-3,
        due_minor=7970,
        discount_minor=1040,
        tenders=(replace(CASH_TENDER, applied_minor=7970),),
        change_minor=2030,
        promotions=SalePromotions("v", "improved", offers),
        member=SaleMember(
            "m-7",
            "gold",
            1200,
            79,
            date(2027, 11, 30),
            ((1, 18), (2, 11), (3, 43), (4, 7)),
            7923,
            label="王*",
            points_spent=300,
            points_after=979,
        ),
        coupons=(CouponUse("r-1", "c-1", "w", "", "", Proof.ONLINE, 100, ReturnRule.GIVE_BACK),),
    )
    return replace(sale, **changes)


def receipt(sale: Sale = SALE, *, shop: Shop = SHOP, copy_number: int = 0, number: int = 123) -> Receipt:
    completed = CompletedSale(sale, ReceiptNumber(1, 2, 1, number), EntryId("0001-02", 1, 40 + number), "ab" * 32)
    return Receipt(shop, completed, timezone(timedelta(hours=8)), copy_number)
