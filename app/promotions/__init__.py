"""Promotions: offers as data, the best deal for the shopper under them, and why an offer was given or not.

The rules, precisely. What is *given* below is chosen so that the shopper saves most in all.

1. Goods. A piece is one unit of a line sold by the piece; a weighed line, or one priced by its label, is one whole.
   Goods that may not be discounted, that cost nothing, or that the rules exclude take part in no offer, and count for
   none. Weighed goods take percent, amount and price (per kilogram), and count towards amounts; every form that
   counts pieces takes and counts pieces only.
2. An offer holds at an instant and for a shopper as `app.promotions.eligibility` says. An offer that holds may be
   given; the shopper never has to take one.
3. The first layer: **item offers** (percent, amount, price, n for m, cheapest free, second off, any n for a price,
   bundle, gift). Each piece takes part in one of them at most. Each saves on whole pieces: a percentage is rounded half
   up on each piece (a weighed line: on its amount). Of n pieces the cheapest are the ones made cheaper; the shopper
   chooses which pieces go together. A limit counts pieces for percent, amount and price, and times for other forms.
   An offer that saves nothing is not given.
4. What several pieces save together is spread over all of them in proportion to their prices, by largest remainder in
   the order of line ids: the piece that was "free" and the one that was "paid" came as a pair and go back as one.
5. The second layer: **gifts from an amount**, in their order. Counted is what item offers left of the offer's goods,
   other than goods that can be the gift. Gifts are the dearest pieces that no offer touched, and carry the saving.
6. The third layer: **basket offers** (threshold, every, extra), in their order: the group's, the offer's, the id. Each
   is worked out on what all offers before it left of its goods, never takes off more than that, and is spread over it
   in proportion, by largest remainder in the order of line ids.
7. `stackable = false` on an item offer: the pieces that take it are closed to both later layers, and do not count
   there. On an offer of a later layer: it counts and takes only pieces that no offer touched, and closes them to those
   after it.
8. An exclusive group gives at most one of its offers in a basket. It holds offers of one layer's kind only.
9. A coupon is used up once each time its offer is given; one key sets off one offer, or one exclusive group.

Answers come in three efforts (`app.promotions.solving`): greedy, improved, exact. Each is the same for the same basket,
facts, instant and version of the rules: the order of lines, the clock and the machine have no say.
"""
