"""The ledger of a deployed lake, remade from here."""

from collections.abc import Callable

from glue_jobs.storage.ledger_rebuild import LedgerRebuild, LedgerRebuildError, rebuild_ledger
from operations.credentials import in_environment
from operations.deployed_lake import DeployedLake
from operations.errors import OperationError


def rebuild_ledger_of(lake: DeployedLake, observe: Callable[[str], None]) -> LedgerRebuild:
    """Return what was found; afterwards the ledger names every object of Bronze, and the next run reads the new ones.

    PyArrow lists and writes: what S3 refuses it says as an OSError.
    """
    with in_environment(lake.account):
        try:
            return rebuild_ledger(lake.root, observe)
        except LedgerRebuildError as error:
            raise OperationError(str(error)) from error
        except OSError as error:
            said = " ".join(str(error).split())
            raise OperationError(f"{lake.root} cannot be listed or written, and nothing is lost: {said}") from error
