"""Side-by-side measurements, run by ``make bench``: each figure is a ratio to a named baseline of the same run."""
