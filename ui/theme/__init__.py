"""One visual language, made from the tokens in resources/theme."""
