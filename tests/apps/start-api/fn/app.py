"""Answers with what it is asked to, by default with its event."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

_busy = threading.Lock()


def handler(event, context):
    """Do what the header X-Do says."""
    alone = _busy.acquire(blocking=False)
    try:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return _done(headers.get("x-do", "event"), event, alone)
    finally:
        _busy.release()


def _done(what, event, alone):
    name, _, value = what.partition(" ")
    if name == "return":
        return json.loads(value)
    if name == "raise":
        raise ValueError(value)
    if name == "exit":
        print("about to exit")
        os._exit(int(value))
    if name == "await":
        while pathlib.Path(value).exists():
            time.sleep(0.05)
    if name == "leave":
        subprocess.Popen(["sleep", value], env={}, start_new_session=True)
    if name == "print":
        print(value, file=sys.stderr)
    if name == "large":
        return {"statusCode": 200, "body": "x" * int(value)}
    if name == "sleep":
        time.sleep(float(value))
    if name == "variable":
        return {"statusCode": 200, "body": os.environ.get(value, "")}
    if name in ("sleep", "who"):
        return {"statusCode": 200, "body": f"{os.getpid()} {alone}"}
    return {"statusCode": 200, "body": json.dumps(event)}
