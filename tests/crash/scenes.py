"""Each way to run a job, on a lake that has something for it to do."""

from typing import Any

from local.faults.profiles import FaultProfile
from local.options import Options
from tests.crash.stage import Scene, Stage
from tests.e2e import history
from tests.unit.glue_jobs.log_lines import access, application

FIRST_RUN, INCREMENT, REBUILD, REPLAY = "first run", "increment", "--REBUILD", "--REPLAY_QUARANTINE"
API, GOLD, MAINTENANCE = "silver_api", "gold", "silver_maintenance"
SCENES = (INCREMENT, FIRST_RUN, REBUILD, REPLAY, API, GOLD, MAINTENANCE)


def all_scenes(stage: Stage) -> dict[str, Scene]:
    """Return the scenes, each on the lake that those before have left."""
    scenes: dict[str, Scene] = {}
    stage.arrive(changes(1))
    stage.arrive([late], options=Options(faults=FaultProfile(oversize_records=1)))
    [claim] = (stage.lake / "claim_checks/task_changes").rglob("*.json")
    lost = claim.rename(stage.folder / claim.name)
    scenes[FIRST_RUN] = stage.play(("silver_tasks",))
    stage.run("gold")
    stage.arrive(changes(2), LOGS[:2])
    scenes[INCREMENT] = stage.play(("silver_tasks",))
    scenes[GOLD] = stage.play(("gold",))
    stage.run("silver_api")
    stage.arrive(logs=LOGS[2:])
    scenes[API] = stage.play(("silver_api",))
    lost.rename(claim)
    scenes[REBUILD] = stage.play(("silver_tasks", REBUILD, "true"))
    stage.set(scenes[REBUILD].found)
    scenes[REPLAY] = stage.play(("silver_tasks", REPLAY, "true"))
    # By a condition that no file's statistics prove: the files stay.
    stage.sql("DELETE FROM lake.silver.quarantine WHERE length(reason) > 0")
    stage.arrive(changes(3))
    scenes[MAINTENANCE] = stage.play(("silver_maintenance",), [("silver_tasks",), ("silver_maintenance",)])
    return scenes


def changes(number: int) -> list[dict[str, Any]]:
    """Return the n-th part of the history: new, old and repeated changes, and a broken one."""
    records = history.records()
    broken = history.records([("eve", f"b{number}", 100 + number, "pending")])[0]
    broken["eventID"] = f"broken-{number}"
    broken["dynamodb"]["NewImage"]["created_at"] = {"S": "yesterday"}
    return [*records[number % 3 :: 3], *records[:number], broken]


def _line(number: int, seconds: int, message: str) -> dict[str, Any]:
    moment = (history.START + seconds) * 1000
    return {"logGroup": "/aws/todo", "logStream": "s", "id": f"{number:056}", "timestamp": moment, "message": message}


# Too large for Firehose.
late = history.records([*history.STEPS, ("eve", "t9", 3 * history.DAY + 8_000, "pending")])[-1]
# A request's two halves; another that turns out to be of another day; and a line at fault.
LOGS = [
    _line(2, history.DAY, access(request_id="moves", requested_at_ms=(history.START + history.DAY) * 1000)),
    _line(3, 20, application(request_id="both")),
    _line(1, 10, access(request_id="moves", requested_at_ms=history.START * 1000)),
    _line(4, 21, access(request_id="both", requested_at_ms=history.START * 1000)),
    _line(5, 30, access(request_id="faulty", latency_ms=24.5)),
]
