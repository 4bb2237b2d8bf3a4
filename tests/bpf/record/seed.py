# SPDX-License-Identifier: GPL-2.0-or-later
"""A BitTorrent seeder that speaks uTP alone: seed.py FILE TORRENT ADDRESS"""

import os
import sys
import time

import libtorrent

path, torrent, address = sys.argv[1:4]
files = libtorrent.file_storage()
libtorrent.add_files(files, path)
made = libtorrent.create_torrent(files, flags=libtorrent.create_torrent.v1_only)  # older clients
made.add_node(address, 6881)
libtorrent.set_piece_hashes(made, os.path.dirname(path))
with open(torrent, "wb") as out:
    out.write(libtorrent.bencode(made.generate()))
session = libtorrent.session({
    "listen_interfaces": f"{address}:6881", "enable_outgoing_tcp": False,
    "enable_incoming_tcp": False, "enable_outgoing_utp": True, "enable_incoming_utp": True,
    "enable_lsd": True, "enable_dht": True, "enable_upnp": False, "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True})
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent),
                              "save_path": os.path.dirname(path)})
while True:
    time.sleep(1)
