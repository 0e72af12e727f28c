"""The file that a script's main process is started with: gives the engine its private name, runs the script."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    import boot  # pyright: ignore[reportMissingImports]

    boot.install()  # its own copy stays with the finder, whatever the script puts into this module
    del sys.modules["boot"]
    from _poolhouse.script.inside.main import main  # pyright: ignore[reportMissingImports]

    main()
