"""What the shopper can save at most, found by trying everything; written apart from the solver, from the rules alone.

It shares the schema of the rules (`app.promotions.offers`) and the basket values with the shop, and no line of the solver.
Small baskets only: every way to give every item offer, and for each every subset of the basket offers.
"""

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations

from app.promotions import offers as forms


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def percent(price: int, basis_points: int) -> int:
    return half_up(Fraction(price * basis_points, 10_000))


def split(amount: int, weights: list[int]) -> list[int]:
    """Largest remainder: the parts cut off, then one each to those who lost most, the earlier first."""
    if not amount:
        return [0] * len(weights)
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [int(one) for one in exact]
    for place in sorted(range(len(weights)), key=lambda one: (parts[one] - exact[one], one))[: amount - sum(parts)]:
        parts[place] += 1
    return parts


class Oracle:
    def __init__(self, document, basket):
        self.document = document
        self.lines = sorted(basket.lines, key=lambda line: line.line_id)
        self.shopper = basket.shopper
        self.exclusive = {group.id for group in document.group if group.exclusive}
        self.group_order = {group.id: group.order for group in document.group}
        self.items = sorted(
            (one for one in document.offer if not one.is_basket_offer and self.is_for(one)), key=lambda one: one.id
        )
        self.baskets = sorted(
            (one for one in document.offer if one.is_basket_offer and self.is_for(one)),
            key=lambda one: (
                not isinstance(one.form, forms.GiftFrom),
                self.group_order.get(one.group, 100),
                one.order,
                one.id,
            ),
        )
        self.is_piece = [line.unit.value == "each" and line.label_amount_minor is None for line in self.lines]
        self.price = [
            line.unit_price_minor if piece else self.amount(line)
            for line, piece in zip(self.lines, self.is_piece, strict=True)
        ]
        self.count = [
            line.quantity_thousandths // 1000 if piece else 1
            for line, piece in zip(self.lines, self.is_piece, strict=True)
        ]
        self.best = 0
        self.seen = set()
        self.settled = {}

    @staticmethod
    def amount(line):
        if line.label_amount_minor is not None:
            return line.label_amount_minor
        return half_up(Fraction(line.unit_price_minor * line.quantity_thousandths, 1000))

    def is_for(self, offer) -> bool:
        """Whether the shopper may have it at all; days and hours are left to their own tests."""
        who, shopper = offer.who, self.shopper
        return (
            (shopper.member or not (who.member or who.tiers))
            and (not who.tiers or shopper.tier in who.tiers)
            and (shopper.staff or not who.staff)
            and (shopper.first_purchase or not who.first_purchase)
            and self.limit(offer) != 0
        )

    def limit(self, offer) -> int | None:
        """How often it may still be given."""
        most = [offer.limit.per_basket] if offer.limit.per_basket is not None else []
        if offer.limit.per_member is not None:
            before = sum(count for name, count in self.shopper.used_before if name == offer.id)
            most.append(max(0, offer.limit.per_member - before))
        if offer.who.coupon:
            most.append(len([one for one in self.shopper.coupons if one.key == offer.who.coupon]))
        return min(most) if most else None

    def matches(self, goods, place):
        line = self.lines[place]
        if not line.discountable or self.price[place] == 0:
            return False
        for one, wanted in ((self.document.excluded, False), (goods, True)):
            if one is None:
                continue
            named = (
                line.product_id in one.products
                or line.department_id in one.departments
                or bool(set(line.tags) & set(one.tags))
                or not (one.products or one.departments or one.tags)
            )
            excepted = (
                line.product_id in one.except_products
                or line.department_id in one.except_departments
                or bool(set(line.tags) & set(one.except_tags))
            )
            if (named and not excepted) is not wanted:
                return False
        return True

    def saving(self) -> int:
        self.assign(tuple(self.count), ())
        return self.best

    # Item offers. A plan is a sorted tuple of (offer, goods); goods a sorted tuple of lines, one for each piece.

    def assign(self, left, plan):
        if (left, plan) in self.seen:
            return
        self.seen.add((left, plan))
        first = next((place for place, count in enumerate(left) if count), None)
        if first is None:
            if self.allowed(plan):
                self.settle(plan)
            return
        self.assign(self.less(left, (first,)), plan)
        for number, offer in enumerate(self.items):
            for goods in self.ways(offer, first, left):
                if self.saved(offer, goods) > 0:
                    self.assign(self.less(left, goods), tuple(sorted((*plan, (number, goods)))))

    @staticmethod
    def less(left, goods):
        counts = Counter(goods)
        return tuple(count - counts[place] for place, count in enumerate(left))

    def size(self, offer):
        form = offer.form
        if isinstance(form, forms.NForM | forms.CheapestFree | forms.AnyForPrice):
            return form.take
        if isinstance(form, forms.SecondOff):
            return 2
        if isinstance(form, forms.Bundle):
            return sum(part.pieces for part in form.parts)
        if isinstance(form, forms.Gift):
            return form.buy_pieces + form.gift_pieces
        return 1

    def ways(self, offer, first, left):
        size = self.size(offer)
        if size == 1:
            piece_needed = offer.form.least_pieces > 1
            if self.matches(offer.goods, first) and (self.is_piece[first] or not piece_needed):
                yield (first,)
            return
        if not self.is_piece[first]:
            return
        others = [
            place for place, count in enumerate(left) if self.is_piece[place] for _ in range(count - (place == first))
        ]
        for rest in set(combinations(others, size - 1)):
            yield tuple(sorted((first, *rest)))

    def saved(self, offer, goods) -> int:  # noqa: PLR0911 - one answer for each form
        """What an offer saves on goods; 0 where it may not take them."""
        form = offer.form
        prices = sorted(self.price[place] for place in goods)
        if isinstance(form, forms.Bundle):
            return self.bundle(form, goods)
        if isinstance(form, forms.Gift):
            return self.gift(offer, goods)
        if not all(self.matches(offer.goods, place) for place in goods):
            return 0
        if getattr(form, "same_product", False) and len({self.lines[place].product_id for place in goods}) > 1:
            return 0
        if isinstance(form, forms.NForM):
            return sum(prices[: form.take - form.pay])
        if isinstance(form, forms.CheapestFree):
            return prices[0]
        if isinstance(form, forms.SecondOff):
            return percent(prices[0], form.off_basis_points)
        if isinstance(form, forms.AnyForPrice):
            return sum(prices) - form.price_minor
        return self.single(form, goods[0])

    def single(self, form, place) -> int:
        price = self.price[place]
        part = Fraction(1) if self.is_piece[place] else Fraction(self.lines[place].quantity_thousandths, 1000)
        if isinstance(form, forms.Percent):
            return percent(price, form.off_basis_points)
        if isinstance(form, forms.Amount):
            return min(price, half_up(form.off_minor * part))
        return price - half_up(form.price_minor * part)

    def bundle(self, form, goods) -> int:
        wanted = [part.goods for part in form.parts for _ in range(part.pieces)]
        if not any(
            all(self.matches(one, place) for one, place in zip(wanted, order, strict=True))
            for order in permutations(goods)
        ):
            return 0
        prices = [self.price[place] for place in goods]
        if form.price_minor is not None:
            return sum(prices) - form.price_minor
        if form.off_minor is not None:
            return min(form.off_minor, sum(prices))
        return sum(percent(price, form.off_basis_points) for price in prices)

    def gift(self, offer, goods) -> int:
        form, best = offer.form, 0
        for order in permutations(goods):
            bought, given = order[: form.buy_pieces], order[form.buy_pieces :]
            if all(self.matches(offer.goods, place) for place in bought) and all(
                self.matches(form.gift, place) and self.price[place] > form.price_minor for place in given
            ):
                best = max(best, sum(self.price[place] - form.price_minor for place in given))
        return best

    def allowed(self, plan) -> bool:
        times = Counter(number for number, _ in plan)
        groups = {}
        for number, count in times.items():
            offer = self.items[number]
            limit = self.limit(offer)
            if limit is not None and count > limit:
                return False
            if count < getattr(offer.form, "least_pieces", 1):
                return False
            if offer.group in self.exclusive and groups.setdefault(offer.group, number) != number:
                return False
        return True

    # Basket offers. A cell is [line, amount left, pieces, touched, closed]; the untouched one of a line comes first.

    def settle(self, plan):
        item_saving = 0
        fresh = [
            [place, self.price[place] * count, count * self.is_piece[place], False, False]
            for place, count in enumerate(self.count)
        ]
        worn = [[place, 0, 0, True, False] for place in range(len(self.count))]
        for number, goods in plan:
            offer = self.items[number]
            saving = self.saved(offer, goods)
            item_saving += saving
            counts = sorted(Counter(goods).items())
            weights = [self.price[place] * count for place, count in counts]
            for (place, count), share in zip(counts, split(saving, weights), strict=True):
                fresh[place][1] -= self.price[place] * count
                fresh[place][2] -= count * self.is_piece[place]
                if offer.stackable:
                    worn[place][1] += self.price[place] * count - share
                    worn[place][2] += count * self.is_piece[place]
        cells = [cell for pair in zip(fresh, worn, strict=True) for cell in pair]
        key = tuple(tuple(cell) for cell in cells)
        if key not in self.settled:
            self.settled[key] = self.best_of_baskets(key)
        self.best = max(self.best, item_saving + self.settled[key])

    def best_of_baskets(self, cells) -> int:
        best = 0
        for chosen in range(1 << len(self.baskets)):
            names = [one for place, one in enumerate(self.baskets) if chosen >> place & 1]
            groups = [one.group for one in names if one.group in self.exclusive]
            if len(set(groups)) == len(groups):
                best = max(best, self.in_order(names, [list(cell) for cell in cells]))
        return best

    def in_order(self, names, cells) -> int:
        saved = 0
        for offer in names:
            form = offer.form
            gift_goods = form.gift if isinstance(form, forms.GiftFrom) else None
            mine = [
                cell
                for cell in cells
                if cell[1] > 0
                and not cell[4]
                and (offer.stackable or not cell[3])
                and self.matches(offer.goods, cell[0])
                and not (gift_goods is not None and self.matches(gift_goods, cell[0]))
            ]
            base, pieces = sum(cell[1] for cell in mine), sum(cell[2] for cell in mine)
            off = self.gifts(offer, cells) if gift_goods and base >= form.from_minor else 0
            if gift_goods is None:
                off = min(base, self.off(form, self.limit(offer), base, pieces))
                for cell, part in zip(mine, split(off, [cell[1] for cell in mine]), strict=True):
                    cell[1] -= part
            if off:
                saved += off
                for cell in mine:
                    cell[3], cell[4] = True, not offer.stackable
        return saved

    @staticmethod
    def off(form, limit, base, pieces) -> int:
        if isinstance(form, forms.Extra):
            return form.off_minor if form.off_minor is not None else percent(base, form.off_basis_points)
        if isinstance(form, forms.Every):
            times = base // form.every_minor if form.every_minor else pieces // form.every_pieces
            return form.off_minor * (times if limit is None else min(limit, times))
        reached = [
            step
            for step in form.steps
            if (base >= step.from_minor if step.from_minor is not None else pieces >= step.from_pieces)
        ]
        if not reached:
            return 0
        if reached[-1].off_minor is not None:
            return reached[-1].off_minor
        off = percent(base, reached[-1].off_basis_points)
        return off if form.most_off_minor is None else min(off, form.most_off_minor)

    def gifts(self, offer, cells) -> int:
        form, saved, wanted = offer.form, 0, offer.form.gift_pieces
        fresh = [
            place
            for place in range(0, len(cells), 2)
            if not cells[place][3] and self.matches(form.gift, cells[place][0])
        ]
        for place in sorted(fresh, key=lambda one: (-self.price[cells[one][0]], one)):
            price = self.price[cells[place][0]]
            count = min(wanted, cells[place][2])
            if count and price > form.price_minor:
                wanted -= count
                saved += (price - form.price_minor) * count
                cells[place][1] -= price * count
                cells[place][2] -= count
                if offer.stackable:
                    cells[place + 1][1] += form.price_minor * count
                    cells[place + 1][2] += count
        return saved


def most_saving(document, basket) -> int:
    """Return the most a shopper can save, by trying everything."""
    return Oracle(document, basket).saving()
