"""The versions of Gold's tables in the Glue Data Catalog."""

import os
from collections.abc import Callable

from pyiceberg.catalog.glue import GlueCatalog

from athena_queries.builds.versions import Version, in_order, is_build, to_version
from athena_queries.engines.athena_engine import AthenaEngine
from athena_queries.gold_table import read_gold_tables
from operations.credentials import in_environment
from operations.deployed_lake import DeployedLake

_DATABASE = "gold"


def list_versions(lake: DeployedLake, observe: Callable[[str], None]) -> list[Version]:
    """Return the audited builds of every Gold table in the Glue Data Catalog, the newest of each first."""
    glue = lake.account.client("glue")
    catalog = GlueCatalog("lake", client=glue, **_s3_properties(lake))
    names = [name for _, name in catalog.list_tables(_DATABASE)]
    views = AthenaEngine(None, glue, None)
    versions: list[Version] = []
    with in_environment(lake.account):
        for table in read_gold_tables():
            builds = [_version(catalog, table.name, name) for name in names if is_build(table.name, name)]
            versions += in_order(builds, views.view_target(table.full_name))
            observe(table.full_name)
    return versions


def _version(catalog: GlueCatalog, table: str, name: str) -> Version | None:
    handle = catalog.load_table((_DATABASE, name))
    snapshot = handle.current_snapshot()
    summary = snapshot.summary.additional_properties if snapshot and snapshot.summary else {}
    totals = {name: int(summary.get(name, 0)) for name in ("total-records", "total-files-size")}
    return to_version(table, f"{_DATABASE}.{name}", handle.location(), handle.properties, totals)


def _s3_properties(lake: DeployedLake) -> dict[str, str]:
    """Return where PyArrow reads the tables' metadata: of S3 it takes no endpoint from the environment here."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return {"s3.region": lake.account.region} | ({"s3.endpoint": endpoint} if endpoint else {})
