"""The estimate: volume, settings, measurements and prices in, lines out. Pure: nothing is read, nobody is asked."""

from dataclasses import dataclass

from operations.cost.assumed import Assumed, read_assumed
from operations.cost.day import ACTIVE_FOLDERS, Day, Volume
from operations.cost.ingestion import capture_lines, delivery_lines, delivery_warnings, event_line
from operations.cost.line import Estimate
from operations.cost.measured import Measured, read_measured
from operations.cost.prices import Prices, read_prices
from operations.cost.processing import athena_lines, glue_lines, glue_warnings, orchestration_lines
from operations.cost.s3_requests import key_lines, request_lines, requests
from operations.cost.scans import Scans, read_scans
from operations.cost.settings import Settings
from operations.cost.standing import catalog_lines, storage_lines, watching_lines


@dataclass(frozen=True)
class Knowledge:
    """What an estimate rests on besides the volume and the settings."""

    measured: Measured
    assumed: Assumed
    prices: Prices
    scans: Scans


def read_knowledge() -> Knowledge:
    """Return the measurements, assumptions, prices and budgets of this checkout."""
    return Knowledge(read_measured(), read_assumed(), read_prices(), read_scans())


def estimate(volume: Volume, settings: Settings, known: Knowledge) -> Estimate:
    """Return what the lake costs a month, in the order of the flow."""
    day, assumed, prices, scans = Day(volume, settings, known.measured), known.assumed, known.prices, known.scans
    asked = requests(day, scans, assumed)
    lines = (
        *capture_lines(day, assumed, prices),
        *delivery_lines(day, prices),
        event_line(day, asked.puts, asked.deletes, prices),
        *request_lines(day, asked, assumed, prices),
        *storage_lines(day, prices),
        *catalog_lines(day, assumed, prices),
        *key_lines(day, asked, assumed, prices),
        *glue_lines(day, scans, assumed, prices),
        *orchestration_lines(day, assumed, prices),
        *athena_lines(day, scans, assumed, prices),
        *watching_lines(day, assumed, prices),
    )
    return Estimate(lines, (*delivery_warnings(day, ACTIVE_FOLDERS), *glue_warnings(day, scans, assumed)), prices)
