"""A process that collects from a server of this machine, and may be killed: URL, store, job."""

import sys

import musictools as mt
from musictools.collect._jobs import Jobs
from musictools.collect._transport import Transport


def main(url, path, name="1"):
    Transport.first_pause_s = 0.002
    land = Jobs.land

    def landed(self, *args):
        land(self, *args)
        if not told:
            told.append(True)
            print("landed", flush=True)

    told = []
    Jobs.land = landed
    with mt.collect.Store(path) as store:
        store.collect(mt.collect.Deezer(base_url=url).tracks(name))
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
