"""What has to do with the desktop around the app: its entry there, the libraries it needs, its name.

While runs go on, `awake` keeps the machine from falling asleep, and `notices` tells of an end that nobody
sees; both reach the desktop through `system`, off the GUI thread.
"""
