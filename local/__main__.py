"""`python -m local run|replay|query`: the whole lake on one machine."""

import sys

if __name__ == "__main__":
    try:
        from local.cli import app

        app()
    except KeyboardInterrupt:  # while the libraries are still being imported
        sys.exit(130)
