"""Great Expectations' pages about a run, in a folder or a bucket."""

import mimetypes
import tempfile
from pathlib import Path

import boto3
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)


def context_config() -> DataContextConfig:
    """Return a context that keeps everything in memory, and tells nobody."""
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        data_docs_sites={},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )


def write_data_docs(context: AbstractDataContext, site: str) -> str:
    """Return where the pages begin, after those of everything the context has validated were written."""
    if not site.startswith("s3://"):
        _build(context, site.removeprefix("file://"))
    else:
        # Great Expectations 1.x knows no store but a folder.
        with tempfile.TemporaryDirectory() as pages:
            _build(context, pages)
            _upload(Path(pages), site)
    return f"{site}/index.html"


def _build(context: AbstractDataContext, folder: str) -> None:
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    site = {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
    context.add_data_docs_site("task_lake", site)
    context.build_data_docs(site_names=["task_lake"])


def _upload(pages: Path, site: str) -> None:
    """Copy the pages to S3, each with the content type by which a browser shows it."""
    bucket, _, prefix = site.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    for page in filter(Path.is_file, pages.rglob("*")):
        content_type = mimetypes.guess_type(page)[0] or "application/octet-stream"
        key = f"{prefix}/{page.relative_to(pages).as_posix()}"
        s3.upload_file(str(page), bucket, key, ExtraArgs={"ContentType": content_type})
