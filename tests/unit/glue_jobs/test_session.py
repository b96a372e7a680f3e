from glue_jobs.session import lake_settings

CATALOG = "spark.sql.catalog.lake"


def test_a_lake_on_s3_is_in_the_glue_data_catalog() -> None:
    settings = lake_settings("s3://bucket")
    assert settings[f"{CATALOG}.catalog-impl"] == "org.apache.iceberg.aws.glue.GlueCatalog"
    assert settings[f"{CATALOG}.warehouse"] == "s3://bucket"


def test_a_lake_in_a_folder_has_its_catalog_beside_its_data() -> None:
    settings = lake_settings("file:///home/ada/a lake")
    assert settings[f"{CATALOG}.uri"] == "jdbc:sqlite:/home/ada/a lake/catalog.db"
    assert f"{CATALOG}.catalog-impl" not in settings


def test_every_lane_computes_in_utc() -> None:
    assert {lake_settings(lake)["spark.sql.session.timeZone"] for lake in ("s3://b", "file:///l")} == {"UTC"}
