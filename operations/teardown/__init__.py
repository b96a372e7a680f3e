"""`make teardown`: the stacks go; the data stays unless it is asked to go as well."""
