"""Great Expectations' pages about a run, in a folder or a bucket."""

import mimetypes
import tempfile
from pathlib import Path

import boto3
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

SITE = "task_lake"


def local_folder(data_docs: str) -> str:
    """Return where the pages are written: Great Expectations 1.x knows no store but a folder."""
    return tempfile.mkdtemp() if data_docs.startswith("s3://") else data_docs.removeprefix("file://")


def upload(pages: str, site: str) -> None:
    """Copy the pages to S3, each with the content type by which a browser shows it."""
    bucket, _, prefix = site.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    for page in Path(pages).rglob("*"):
        if page.is_file():
            content_type = mimetypes.guess_type(page)[0] or "application/octet-stream"
            key = f"{prefix}/{page.relative_to(pages).as_posix()}"
            s3.upload_file(str(page), bucket, key, ExtraArgs={"ContentType": content_type})


def context_config(pages: str) -> DataContextConfig:
    """Return a context that keeps everything in memory but its pages."""
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": pages}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    site = {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        data_docs_sites={SITE: site},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
