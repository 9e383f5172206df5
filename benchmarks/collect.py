"""What collecting costs, beside plain requests and one bulk insert into SQLite.

    python benchmarks/collect.py [--rows N] [--rounds N]

A server of this machine, in a process of its own, gives rows of Deezer's shape, a hundred a page.
Plain: ``requests.Session``, the next link, a list, one ``executemany``. Ours: ``store.collect``,
with everything that comes with it (raw answers, typed rows, where to go on, turns). Both ask
the same server in turn; the ratio of each pair is printed, and their median has to stay below 2.
"""

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

import musictools as mt

TARGET = 2.0


def serve() -> None:
    """Serve rows until the parent goes."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from urllib.parse import parse_qs, urlsplit

    total = int(sys.argv[2])
    pages: dict[str, bytes] = {}

    def page(path: str, port: int) -> bytes:
        query = parse_qs(urlsplit(path).query)
        start, size = (int(query.get(name, ["0"])[0]) for name in ("index", "limit"))
        rows = [row(i) for i in range(start, min(start + size, total))]
        body = {"data": rows, "total": total}
        if start + size < total:
            body["next"] = f"http://127.0.0.1:{port}/artist/1/top?limit={size}&index={start + size}"
        return json.dumps(body).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            # Made once: the server must not be what is measured.
            if self.path not in pages:
                pages[self.path] = page(self.path, self.server.server_address[1])
            self.send_response(200)
            self.send_header("Content-Length", str(len(pages[self.path])))
            self.end_headers()
            self.wfile.write(pages[self.path])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def row(i: int) -> dict:
    """A track as Deezer lists it."""
    return {
        "id": i, "readable": True, "title": f"Song number {i}", "title_short": f"Song {i}",
        "title_version": "", "isrc": f"QZAAA26{i:05}", "duration": 200 + i % 99, "rank": 5 * i,
        "link": f"https://www.deezer.com/track/{i}", "explicit_lyrics": False,
        "explicit_content_lyrics": 0, "explicit_content_cover": 0, "preview": f"https://p/{i}.mp3",
        "md5_image": "2e018122cb56986277102d2041a592c8", "type": "track",
        "artist": {"id": 1, "name": "Ana", "tracklist": "https://api.deezer.com/artist/1/top"},
        "album": {"id": i // 12, "title": f"Album {i // 12}", "cover": "https://c/2e01.jpg"},
    }  # fmt: skip


def plain(url: str, path: Path) -> int:
    """Collect as a script does."""
    session, rows = requests.Session(), []
    link = f"{url}/artist/1/top?limit=100&index=0"
    while link:
        body = session.get(link, timeout=20).json()
        rows += [
            (
                one["id"], one["title"], one["isrc"], one["duration"], one["rank"],
                one["explicit_lyrics"], one["link"], one["artist"]["id"], one["artist"]["name"],
                one["album"]["id"], one["album"]["title"],
            )
            for one in body["data"]
        ]  # fmt: skip
        link = body.get("next")
    with sqlite3.connect(path) as db:
        names = "id PRIMARY KEY, title, isrc, duration, rank, explicit, link, a, b, c, d"
        db.execute(f"CREATE TABLE tracks ({names})")
        db.executemany("INSERT INTO tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.close()
    return len(rows)


def ours(url: str, path: Path) -> int:
    """Collect as the package does."""
    with mt.collect.Store(path) as store:
        return store.collect(mt.collect.Deezer(base_url=url, store=store).tracks("1")).rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    command = [sys.executable, __file__, "serve", str(wanted.rows)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        ratios = []
        for number in range(wanted.rounds + 1):
            times = []
            for collect in (plain, ours):
                with tempfile.TemporaryDirectory() as folder:
                    began = time.perf_counter()
                    n = collect(url, Path(folder) / "a.sqlite")
                    times.append(time.perf_counter() - began)
                    if n != wanted.rows:
                        raise SystemExit(f"{collect.__name__} got {n} of {wanted.rows} rows")
            if number:  # the first round fills caches
                ratios.append(times[1] / times[0])
                print(f"plain {times[0]:.2f} s, ours {times[1]:.2f} s, {ratios[-1]:.2f} x")
    finally:
        server.kill()
        server.wait()
    middle = statistics.median(ratios)
    print(f"{wanted.rows} rows: {middle:.2f} ({min(ratios):.2f} .. {max(ratios):.2f}) x plain, "
          f"target {TARGET:g}: {'met' if middle <= TARGET else 'NOT MET'}")  # fmt: skip
    return int(middle > TARGET)


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:2] == ["serve"] else main())
