"""Reading many InfoHub files on several cores. What a file means is decided in files.py.

The workers are plain Python processes that answer requests on their standard input, not a multiprocessing
pool. They import nothing but the reader, where a spawned pool imports the caller's main module again, be it
pytest or Dagster; they end when the process that started them is killed; and when one of them dies, one file
is lost, not the scan.
"""

from __future__ import annotations

import json
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import IO

from ingestion.infohub.files import Readings, Wanted, lost_file, read_files

_SERVE = "import sys; sys.path[:] = {path!r}; from ingestion.infohub.workers import serve; serve()"


# So many deaths before anything was read mean that the workers cannot work, not that a file kills them.
_MAX_DEATHS_IN_VAIN = 8


def read_here(root: str, chunks: list[list[Wanted]]) -> Iterator[Readings]:
    for chunk in chunks:
        yield read_files(root, chunk)


def read_in_processes(root: str, chunks: list[list[Wanted]], workers: int) -> Iterator[Readings]:
    """Read chunks in `workers` processes, in whatever order they finish."""
    waiting = deque(chunks)
    asked: dict[subprocess.Popen[bytes], list[Wanted]] = {}
    answer_count = death_count = 0
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or asked:
                while waiting and len(asked) < workers:
                    process = _start()
                    selector.register(_stdout(process), selectors.EVENT_READ, process)
                    asked[process] = _ask(process, root, waiting.popleft())
                for ready, _ in selector.select():
                    process = ready.data
                    chunk = asked.pop(process)
                    readings = _answer_of(process)
                    if readings is not None and waiting:
                        # Asked before the answer is handed on: it works while the caller stores rows.
                        asked[process] = _ask(process, root, waiting.popleft())
                    else:
                        selector.unregister(ready.fileobj)
                        _stop(process)
                    if readings is None:
                        death_count += 1
                        if not answer_count and death_count >= _MAX_DEATHS_IN_VAIN:
                            raise RuntimeError(
                                "the processes that read InfoHub files end before they answer; "
                                "what they say is above, and reading with one worker does without them"
                            )
                        if len(chunk) > 1:
                            # Which file it died over is found by asking for each alone.
                            waiting.extendleft([file] for file in reversed(chunk))
                            continue
                        readings = lost_file(root, chunk[0].path)
                    else:
                        answer_count += 1
                    yield readings
        finally:
            for process in asked:
                _stop(process)


def _start() -> subprocess.Popen[bytes]:
    code = _SERVE.format(path=sys.path)
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _ask(process: subprocess.Popen[bytes], root: str, chunk: list[Wanted]) -> list[Wanted]:
    assert process.stdin is not None
    request = json.dumps({"root": root, "wanted": [[file.path, file.known_sha256] for file in chunk]})
    try:
        process.stdin.write(request.encode("ascii") + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        pass  # it died: its missing answer says so
    return chunk


def _answer_of(process: subprocess.Popen[bytes]) -> Readings | None:
    """What it read, or None when it died over it."""
    try:
        header = json.loads(_stdout(process).readline())
        body = _stdout(process).read(header["body_bytes"])
    except ValueError:
        return None
    if len(body) < header["body_bytes"]:
        return None
    lines = iter(body.decode("utf-8").split("\n"))
    return Readings(
        files=list(islice(lines, header["files"])),
        documents=list(islice(lines, header["documents"])),
        touched=list(islice(lines, header["touched"])),
        gone=header["gone"],
        parsed_count=header["parsed_count"],
    )


def serve() -> None:
    """Answer requests until there are no more: what a worker process does."""
    # Ctrl-C reaches the whole group; the process that asks decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        readings = read_files(request["root"], [Wanted(*file) for file in request["wanted"]])
        # The lines are JSON and hold no line break of their own: they travel as they are, not quoted again.
        body = "\n".join([*readings.files, *readings.documents, *readings.touched]).encode("utf-8")
        header = {
            "body_bytes": len(body),
            "files": len(readings.files),
            "documents": len(readings.documents),
            "touched": len(readings.touched),
            "gone": readings.gone,
            "parsed_count": readings.parsed_count,
        }
        try:
            sys.stdout.buffer.write(json.dumps(header).encode("ascii") + b"\n" + body)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return
