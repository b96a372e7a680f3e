"""How a lake's Trino is set up: its files of settings, and the command that starts it."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from athena_queries.engines.trino_http import CATALOG

ENVIRONMENT = "task_lake"
_HEAP = ["-Xmx1G", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"]
# Most of a short query is code that runs once: what the second compiler adds comes too late for it.
_COMPILER = ["-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=256M"]


def configure(folder: Path, port: int) -> None:
    """Write the server's settings; what a former one had registered is forgotten."""
    for name in ("etc", "metastore", "data"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "etc" / "catalog").mkdir(parents=True)
    server = {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "http-server.http.port": str(port),
        "http-server.log.enabled": "false",
        "discovery.uri": f"http://127.0.0.1:{port}",
        "query.max-memory": "600MB",
        "query.max-memory-per-node": "600MB",
        "memory.heap-headroom-per-node": "200MB",
    }
    catalog = {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "TESTING_FILE_METASTORE",
        "hive.metastore.catalog.dir": f"local://{folder}/metastore",
        "fs.hadoop.enabled": "false",
        "fs.native-local.enabled": "true",
        "local.location": "/",
        "iceberg.register-table-procedure.enabled": "true",
    }
    _write(folder / "etc" / "config.properties", server)
    _write(folder / "etc" / "catalog" / f"{CATALOG}.properties", catalog)


def _write(file: Path, properties: Mapping[str, str]) -> None:
    """Write a file of Java properties, whose escapes are those of JSON."""
    file.write_text("".join(f"{name}={json.dumps(value)[1:-1]}\n" for name, value in properties.items()))


def command(folder: Path, server: Path, java: Path) -> list[str]:
    """Return what starts the server, on loopback alone."""
    properties = {
        "node.environment": ENVIRONMENT,
        "node.id": ENVIRONMENT,
        "node.bind-ip": "127.0.0.1",
        "node.internal-address": "127.0.0.1",
        "node.data-dir": folder / "data",
        "config": folder / "etc" / "config.properties",
        "plugin.dir": server / "plugin",
        "secrets-plugin.dir": server / "secrets-plugin",
        "file.encoding": "UTF-8",
        "user.timezone": "UTC",
        "jdk.attach.allowAttachSelf": "true",
    }
    settings = [f"-D{name}={value}" for name, value in properties.items()]
    return [str(java), *_HEAP, *_COMPILER, *settings, "-cp", f"{server / 'lib'}/*", "io.trino.server.TrinoServer"]
