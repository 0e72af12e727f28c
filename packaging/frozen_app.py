"""The start of the frozen `poolhouse`: the app, or the host if one program serves as both (macOS)."""

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
