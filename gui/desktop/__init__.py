"""Integration with the desktop: the menu entry, the libraries Qt needs, the product's name.

While a run is active, `awake` keeps the machine from falling asleep, and `notices` reports an end that nobody
is watching. Both reach the desktop through `system`, off the GUI thread.
"""
