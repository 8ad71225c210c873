"""Speed and memory, as ratios within one run; never part of the tests, because machines differ."""
