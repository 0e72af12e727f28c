"""The window: a Qt front end that imports the engine and never runs, imports or unpickles user code."""
