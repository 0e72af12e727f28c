"""Where the frozen `poolhouse` starts: the app, or the host if there is one program for both (macOS)."""

from __future__ import annotations

import sys

import frozen_host

if __name__ == "__main__":
    if frozen_host.is_called():
        frozen_host.main()
    else:
        import poolhouse

        frozen_host.restore_environment()
        sys.exit(poolhouse.main())
