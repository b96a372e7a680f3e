"""`python -m operations deploy|status|…`: what an operator types against AWS."""

import sys

if __name__ == "__main__":
    try:
        from operations.cli import app

        app()
    except KeyboardInterrupt:  # while the libraries are still being imported
        sys.exit(130)
