"""What Silver costs, beside DuckDB and beside the usual way."""
