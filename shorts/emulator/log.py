"""The output of the emulator and its function, passed on line by line and stored nowhere."""

import codecs
import re
import time
from collections import deque
from collections.abc import Callable

from shorts.system import process
from shorts.targets.limits import TAIL

# The emulator's lines about an invocation.
_REPORTS = {
    "init": re.compile(r"INIT REPORT\(durationMs: ([\d.]+)"),
    "request": re.compile(r"^START RequestId: (\S+)"),
    "duration": re.compile(
        r"INVOKE RTDONE\(status: \w+, produced bytes: \d+, duration: ([\d.]+)ms"
    ),
    # Its last line, also where the runtime is started again after it.
    "end": re.compile(r"(^REPORT RequestId|\(rapid\) Reset initiated: )"),
}
# The emulator's own lines, which SAM does not show either. One may follow a line without an end.
OF_THE_EMULATOR = re.compile(
    r"\d\d \w{3} \d{4} [\d:,]+ \[(?:INFO|DEBUG|TRACE|WARNING)\] \(rapid\) .*"
)
# The longest line in bytes; as in Lambda's log, a longer one becomes several.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LINE = 256 * 1024
_OWN = 1000  # characters; every line of the emulator's own is shorter
# How many of the last lines are kept to show why the emulator did not start: it prints many.
_KEPT = 200


class EmulatorLog:
    """A reader of an emulator's output.

    Attributes:
        reports: what the emulator reports of the invocation: ``init``, ``request``,
            ``duration``, ``end``.
        lines: the last lines.
    """

    def __init__(self) -> None:
        self.reports: dict[str, str] = {}
        self.lines: deque[str] = deque(maxlen=_KEPT)
        self._tail: deque[str] = deque(maxlen=_KEPT)

    def begin(self) -> None:
        """Begin an invocation."""
        self.reports.clear()
        self._tail.clear()

    def tail(self) -> bytes:
        """Return the end of the invocation's log, as ``LogType: Tail`` has it."""
        lines = (line for line in self._tail if not OF_THE_EMULATOR.match(line))
        text = "".join(f"{line}\n" for line in lines)
        return text.replace("\r", "\n").encode("utf-8", "replace")[-TAIL:]

    def read(self, stream: "process.Stream", log: Callable[[str], None]) -> None:
        """Read all lines, and pass each on."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while line := stream.readline(_LINE):
            text = decode(line, line.endswith(b"\n")).rstrip("\n")
            self.lines.append(text[:_OWN])
            self._tail.append(text[-TAIL:])
            for name, pattern in _REPORTS.items() if len(text) < _OWN else ():
                if name not in self.reports and (match := pattern.search(text)):
                    self.reports[name] = match[1]
            log(text)

    def settle(self) -> None:
        """Wait for the lines that end an invocation's log; they come after its answer."""
        deadline = time.monotonic() + 1
        while "end" not in self.reports and time.monotonic() < deadline:
            time.sleep(0.002)
