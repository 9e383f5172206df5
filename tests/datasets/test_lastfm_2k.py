"""fetch_lastfm_2k(), and fetching at all: from a server on this machine, with made-up rows."""

import hashlib
import io
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.datasets import _fetch, _lastfm_2k
from musictools.errors import ExportError, InputError, MalformedResponse, ServiceError

#: In the form of the real files: line ends of two kinds, quotation marks, a tag in Latin-1, and
#: a tag that nobody explains.
FILES = {
    "user_artists.dat": b"userID\tartistID\tweight\r\n2\t7\t10\r\n3\t8\t60\r\n3\t9\t30",
    "artists.dat": b'id\tname\turl\tpictureURL\n7\t"Weird Al"\tu\tp\n8\tNA\tu\tp\n'
    + "9\tSigur Rós\tu\tp\n".encode(),
    "tags.dat": b"tagID\ttagValue\r\n1\tfolk\r\n2\tm\xfasica\r\n3\tambient\r\n",
    "user_taggedartists.dat": b"userID\tartistID\ttagID\tday\tmonth\tyear\n2\t7\t2\t1\t4\t2009\n"
    b"2\t9\t1\t1\t4\t2009\n3\t9\t3\t1\t4\t2009\n3\t8\t1\t1\t4\t2009\n2\t8\t1\t1\t4\t2009\n"
    b"2\t8\t3\t1\t4\t2009\n2\t8\t99\t1\t4\t2009\n",
}


def packed(files, folder=""):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return stream.getvalue()


@pytest.fixture(scope="module")
def server():
    """A server that gives what its ``content`` is, with its ``status``, and counts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked += 1
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.content) + self.server.short))
            self.end_headers()
            self.wfile.write(self.server.content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def remote(server, tmp_path, monkeypatch):
    """The source, pointed at the server, with its files kept in a folder of the test's."""
    server.content, server.status, server.asked, server.short = packed(FILES), 200, 0, 0
    found = replace(
        _lastfm_2k.REMOTE,
        address=f"http://127.0.0.1:{server.server_port}/{_lastfm_2k.REMOTE.file}",
        checksum="sha256:" + hashlib.sha256(server.content).hexdigest(),
    )
    monkeypatch.setattr(_lastfm_2k, "REMOTE", found)
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "data"))
    return found


def test_fetched_once_and_read(remote, server, capfd):
    # On a busy machine the bar of a slow download would show itself.
    found = mt.datasets.fetch_lastfm_2k(progress=False)
    expected = pd.DataFrame({"user_id": [2, 3, 3], "artist_id": [7, 8, 9], "plays": [10, 60, 30]})
    pd.testing.assert_frame_equal(found.plays, expected)
    assert found.artists["name"].tolist() == ['"Weird Al"', "NA", "Sigur Rós"]
    # Of folk and ambient, given once each, the first by alphabet.
    assert found.artists["tag"].tolist() == ["música", "folk", "ambient"]
    assert len(found.tags) == 6
    assert found.provenance["checksum"] == remote.checksum
    assert "non-commercial" in found.provenance["licence"]
    assert "3 artists" in repr(found)
    assert "of 2 users and 3 artists" in found._repr_html_()
    server.content = b"gone"
    assert mt.datasets.fetch_lastfm_2k().plays.equals(found.plays)
    assert server.asked == 1
    # The library says nothing, and pooch through it neither.
    assert capfd.readouterr() == ("", "")


def test_its_plays_are_what_rules_take(remote):
    plays = mt.datasets.fetch_lastfm_2k().plays
    paid = mt.economics.compare(plays, ["pro_rata", "user_centric"]).set_index("artist_id")
    # Two users pay 1 each; user 3 gives 60 and 30 of 90 plays.
    assert np.allclose(paid["pro_rata"], [1.2, 0.6, 0.2], rtol=1e-12)
    assert np.allclose(paid["user_centric"], [2 / 3, 1 / 3, 1], rtol=1e-12)


def test_a_bar_where_it_is_wanted(remote, capfd):
    mt.datasets.fetch_lastfm_2k(progress=True)
    assert "fetch HetRec 2011 Last.fm 2k" in capfd.readouterr().err


@pytest.mark.parametrize("spoil", ["another", "short"])
def test_another_file_is_refused_and_not_kept(remote, server, tmp_path, spoil):
    if spoil == "another":
        server.content = packed(FILES | {"tags.dat": b"tagID\ttagValue\n"})
        error = MalformedResponse
    else:
        server.short, error = 10, ServiceError
    with pytest.raises(error, match="path="):
        mt.datasets.fetch_lastfm_2k()
    assert not [each for each in (tmp_path / "data").rglob("*") if each.is_file()]
    server.content, server.short = packed(FILES), 0
    assert len(mt.datasets.fetch_lastfm_2k().plays) == 3


def test_a_damaged_copy_is_fetched_again(remote, server, tmp_path):
    mt.datasets.fetch_lastfm_2k()
    (kept,) = (tmp_path / "data" / "fetched").iterdir()
    kept.write_bytes(b"half")
    assert len(mt.datasets.fetch_lastfm_2k().plays) == 3
    assert server.asked == 2


def test_a_refusal_names_its_status(remote, server):
    server.status = 503
    with pytest.raises(ServiceError, match="status 503") as caught:
        mt.datasets.fetch_lastfm_2k()
    assert caught.value.status == 503


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path))
    with pytest.raises(ServiceError) as caught:
        mt.datasets.fetch_lastfm_2k()
    for part in ("files.grouplens.org", "network", 'path="hetrec2011-lastfm-2k.zip"', "https://"):
        assert part in str(caught.value)
    assert caught.value.status is None


def test_a_folder_that_cannot_be_written_to(remote, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(InputError, match="MUSICTOOLS_DATA_DIR"):
        mt.datasets.fetch_lastfm_2k()


def test_own_copies(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "own.zip").write_bytes(packed(FILES, "hetrec2011/"))
    found = [mt.datasets.fetch_lastfm_2k(p, check=False) for p in (tmp_path, tmp_path / "own.zip")]
    assert found[0].artists.equals(found[1].artists)
    assert found[0].plays["plays"].tolist() == [10, 60, 30]
    assert found[0].provenance["as_published"] is None
    with pytest.raises(ExportError, match="92,834 rows"):
        mt.datasets.fetch_lastfm_2k(tmp_path)
    (tmp_path / "tags.dat").write_bytes(b"tagID\twords\n")
    with pytest.raises(ExportError, match=r"tags\.dat"):
        mt.datasets.fetch_lastfm_2k(tmp_path, check=False)
    (tmp_path / "tags.dat").unlink()
    with pytest.raises(ExportError, match=r"tags\.dat"):
        mt.datasets.fetch_lastfm_2k(tmp_path, check=False)
    (tmp_path / "own.zip").write_bytes(b"no zip")
    with pytest.raises(ExportError, match=r"own\.zip"):
        mt.datasets.fetch_lastfm_2k(tmp_path / "own.zip")


def test_the_published_rows(shared, tmp_path):
    folder = shared / "data" / "economics" / "hetrec2011-lastfm-2k"
    if not folder.is_dir():
        pytest.skip("no HetRec Last.fm data")
    found = mt.datasets.fetch_lastfm_2k(folder)
    assert (len(found.plays), found.plays["plays"].sum()) == (92_834, 69_183_975)
    assert found.plays[["user_id", "artist_id"]].nunique().tolist() == [1_892, 17_632]
    assert len(found.artists) == 17_632
    assert found.artists.set_index("artist_id").loc[707].tolist() == ["Metallica", "metal"]
    assert found.provenance["as_published"] is True
    # One number changed, as in a copy that goes round: refused.
    for name in FILES:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    rows = (tmp_path / "user_artists.dat").read_bytes()
    (tmp_path / "user_artists.dat").write_bytes(rows.replace(b"2\t51\t13883", b"2\t51\t13884"))
    with pytest.raises(ExportError, match="published"):
        mt.datasets.fetch_lastfm_2k(tmp_path)


def test_provenance_tells_the_source():
    told = _lastfm_2k.REMOTE.provenance()
    assert set(told) == {"name", "address", "checksum", "licence", "citation"}
    assert isinstance(_lastfm_2k.REMOTE, _fetch.Remote)


def test_a_path_that_is_none_and_counts_that_are_too_large(tmp_path):
    with pytest.raises(InputError, match="path=3"):
        mt.datasets.fetch_lastfm_2k(3)
    for name, columns in _lastfm_2k._MEMBERS.items():
        row = "1\t7\t99999999999999999999" if name == "user_artists.dat" else ""
        (tmp_path / name).write_text("\t".join(columns) + "\n" + row)
    with pytest.raises(ExportError, match=r"user_artists\.dat"):
        mt.datasets.fetch_lastfm_2k(tmp_path, check=False)
