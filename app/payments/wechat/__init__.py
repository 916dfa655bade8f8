"""WeChat Pay (API v3): the shopper's code, the shop's code, refunds and bills, and a server that stands in for it."""
