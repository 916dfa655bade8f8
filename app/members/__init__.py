"""Members and coupons: who a shopper is, what is theirs, and which rights they hold; pure values and rules."""
