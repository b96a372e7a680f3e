"""What the lake costs a month: estimated from prices, measurements and the templates, and beside it what was billed."""
