"""`make status`: does the lake capture, is it fresh, does it run, what failed, what does it cost. Only reads."""
