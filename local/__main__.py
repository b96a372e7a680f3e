"""`python -m local run|query`: the whole lake on one machine."""

from local.cli import app

app()
