"""`make status`: is the lake fresh, does it run, what failed, what does it cost. Reads, and changes nothing."""
