"""How long it takes to begin: imports, the command, a client."""

from __future__ import annotations

import subprocess
import sys

from .measuring import Row, at_most, interleaved, medians, timed

BOTH = "from twofold import AsyncRallyClient, RallyClient"
# What is put off until then is counted here.
FIRST = "from twofold import RallyClient; RallyClient(server='https://rally.example', api_key='_')"
HTTPX = "import httpx; httpx.Client()"
# The peak of this very program: what getrusage tells includes the process that started it.
MEMORY = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(int(line.split()[1]) / 1024)
"""
CLIENT = """
import time
from twofold import RallyClient
RallyClient(server="https://rally.example", api_key="_key").close()
began = time.perf_counter()
RallyClient(server="https://rally.example", api_key="_key")
print((time.perf_counter() - began) * 1000)
"""


def rows(rounds: int) -> list[Row]:
    python = (sys.executable, "-c")
    seconds = medians(
        interleaved(
            {
                "nothing": lambda: seconds_of(*python, "pass"),
                "httpx": lambda: seconds_of(*python, "import httpx"),
                "twofold": lambda: seconds_of(*python, BOTH),
                "first": lambda: seconds_of(*python, FIRST),
                "httpx, first": lambda: seconds_of(*python, HTTPX),
                "version": lambda: seconds_of(sys.executable, "-m", "twofold", "--version"),
                "client": lambda: float(output_of(*python, CLIENT)) / 1000,
                "memory": lambda: float(output_of(*python, f"{BOTH}\n{MEMORY}")),
            },
            rounds,
        )
    )
    imported = (seconds["twofold"] - seconds["nothing"]) * 1000
    beside = (seconds["httpx"] - seconds["nothing"]) * 1000
    first = (seconds["first"] - seconds["nothing"]) * 1000
    beside_first = (seconds["httpx, first"] - seconds["nothing"]) * 1000
    return [
        at_most(f"`{BOTH}`, beside an empty program", imported, "ms", 120),
        Row("the same, beside `import httpx`", f"{imported / beside:.2f}x"),
        Row("until there is a first `RallyClient`, beside an empty program", f"{first:.3g} ms"),
        Row(f"the same, beside `{HTTPX}`", f"{first / beside_first:.2f}x"),
        at_most("memory of that program in all", seconds["memory"], "MiB", 30),
        at_most("a client, once imported", seconds["client"] * 1000, "ms", 1),
        at_most("`twofold --version`, in all", seconds["version"] * 1000, "ms", 150),
    ]


def seconds_of(*command: str) -> float:
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
