"""Why a run of a function ended before every event was answered in order."""

from __future__ import annotations

from collections.abc import Mapping

#: The codes of ``slim verify``: why a run ended before every event was answered in order.
FAILURES: Mapping[str, str] = {
    "not-startable": "There is no bootstrap, or none that can be started.",
    "init-error": "The function reported an error at its start.",
    "never-asked": "The function did not ask for an event in time.",
    "exited": "The program exited before the last event was done.",
    "timed-out": "The function did not answer in time.",
    "out-of-memory": "The processes together used more memory than --memory.",
    "unknown-request": "The function answered a request that it was never given.",
    "answer-cut": "The function's answer broke off before its end.",
    "answered-twice": "The function answered one event twice.",
    "hung-after-answer": "The function answered and did not ask again; Lambda would wait for it.",
    "extension-error": "An extension reported an error.",
    "extension-exited": "An extension exited before the run was over.",
    "over-init-cpu": "The median CPU of init is above --max-init-cpu or --max-init-ratio.",
    "extension-hung": "An extension did not register, or did not ask for its next event in time.",
    "left-behind": "Processes of the run are left that could not be ended.",
    "interrupted": "The run was interrupted.",
    "original": "The run of the original, with --against, failed.",
}

#: Those that a busy machine can bring about.
OF_TIME = frozenset({"never-asked", "timed-out", "hung-after-answer", "extension-hung"})
