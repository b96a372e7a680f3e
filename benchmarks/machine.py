"""What kind of machine some figures are of: they compare with one another, not with another machine's."""

import os
import platform
import sys


def machine() -> dict[str, object]:
    """Return the machine's cores, system and Python."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
    }
