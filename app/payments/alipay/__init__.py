"""Alipay over its open gateway: signed requests, answers believed as far as they prove, the day's bill."""
