# SPDX-License-Identifier: GPL-2.0-or-later
"""What is no call, by real programs.  Each function runs while the first host's link is
recorded; hosts as in net.py."""

import os
import shutil
import sys
import time

from net import A, B, HERE

DNSMASQ = ("dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "-u", "root")


def dns(net):
    net.spawn("b", *DNSMASQ, f"--listen-address={B}", "--bind-interfaces",
              "--address=/test/192.0.2.7", "--address=/test/2001:db8::7", wait=1)
    for i in range(200):
        net.run("a", "dig", f"@{B}", "+tries=1", "+time=1", f"host{i}.test",
                "AAAA" if i % 2 else "A")


def dhcp(net):
    net.spawn("b", *DNSMASQ, "--interface=eth0", "--dhcp-range=10.77.0.100,10.77.0.200,2m",
              f"--dhcp-leasefile={net.path('leases')}", "--port=0", "--dhcp-authoritative",
              wait=1)
    for i in range(8):
        net.run("a", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", "/bin/true", "-t", "2", "-T",
                "1", "-x", f"hostname:host{i}", timeout=15)


def ntp(net):
    net.path("server.conf", f"local stratum 5\nallow all\nbindaddress {B}\ncmdport 0\n"
             f"pidfile {net.path('s.pid')}\nbindcmdaddress {net.path('s.sock')}\n")
    net.path("client.conf", f"server {B} minpoll -4 maxpoll -4 xleave\ncmdport 0\n"
             f"pidfile {net.path('c.pid')}\nbindcmdaddress {net.path('c.sock')}\n")
    net.spawn("b", "chronyd", "-x", "-d", "-u", "root", "-f", net.path("server.conf"), wait=1)
    net.spawn("a", "chronyd", "-x", "-d", "-u", "root", "-f", net.path("client.conf"), wait=15)


def mdns(net):
    for host in "ab":
        net.path(f"avahi-{host}.conf", "[server]\nhost-name=p2s-" + host + "\nuse-ipv4=yes\n"
                 "use-ipv6=yes\nenable-dbus=no\nallow-interfaces=eth0\n"
                 "[publish]\npublish-hinfo=no\npublish-workstation=yes\n")
        net.spawn(host, "unshare", "-m", "sh", "-c", "mount -t tmpfs x /run && mkdir -p /run/avahi-daemon "
                  f"&& exec avahi-daemon --no-drop-root --no-chroot -f {net.path(f'avahi-{host}.conf')}")
    time.sleep(12)


def tftp(net):
    with open(net.path("file"), "wb") as out:
        out.write(os.urandom(300000))
    os.chmod(net.directory.name, 0o755)
    net.spawn("b", "in.tftpd", "-L", "-a", f"{B}:69", "-u", "root", "-s", net.directory.name, wait=1)
    net.run("a", "tftp", "-m", "binary", B, "-c", "get", "file", "/dev/null", timeout=20)


def snmp(net):
    net.path("snmpd.conf", "rocommunity public\nsysLocation test\nsysContact test\n"
             "sysName test\nsysDescr test\n")
    net.spawn("b", "snmpd", "-f", "-Lo", "-C", "-c", net.path("snmpd.conf"), "-p",
              net.path("snmpd.pid"), f"udp:{B}:161", wait=2)
    net.run("a", "snmpbulkwalk", "-v2c", "-c", "public", B, "1.3.6.1.2.1.11", timeout=20)
    net.run("a", "snmpwalk", "-v2c", "-c", "public", B, "1.3.6.1.2.1.5", timeout=20)


def syslog(net):
    net.path("rsyslog.conf", 'module(load="imudp")\ninput(type="imudp" port="514")\n'
             f'*.* {net.path("out.txt")}\n')
    net.spawn("b", "rsyslogd", "-n", "-f", net.path("rsyslog.conf"), "-i", net.path("r.pid"), wait=1)
    for i in range(150):
        net.run("a", "logger", "-n", B, "-d", "-t", "test", f"event {i} of the test")


def memcached(net):
    """Its protocol over UDP: a counter, then text."""
    net.spawn("b", "memcached", "-u", "root", "-U", "11211", "-l", B, wait=1)
    net.run("a", sys.executable, "-c", "import socket,struct,time\n"
            "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(1)\n"
            "for i in range(0x7ffe,0x81f0):\n"
            f" s.sendto(struct.pack('!HHHH',i,0,1,0)+b'set k%d 0 0 20\\r\\n'%(i%99)+b'x'*20+b'\\r\\n',('{B}',11211));s.recv(2000)\n"
            f" s.sendto(struct.pack('!HHHH',i,0,1,0)+b'get k%d\\r\\n'%(i%99),('{B}',11211));s.recv(2000)\n"
            " time.sleep(.005)\n", timeout=30)


def coap(net):
    net.spawn("b", "coap-server-notls", "-A", B, wait=1)
    for i in range(150):
        net.run("a", "coap-client-notls", "-m", "get", "-B", "2",
                f"coap://{B}/" + ("time", "", ".well-known/core", "async?1")[i % 3])


def coaps(net):
    """DTLS without a call."""
    net.spawn("b", "coap-server-openssl", "-A", B, "-k", "secret", "-h", "hint", wait=1)
    for i in range(20):
        net.run("a", "coap-client-openssl", "-m", "get", "-u", "user", "-k", "secret", "-B", "2",
                f"coaps://{B}/" + ("time", ".well-known/core")[i % 2])


def stun(net):
    net.spawn("b", "turnserver", "-n", "-S", "-L", B, "--no-tls", "--no-dtls", "--no-cli",
              "--log-file", "stdout", "--pidfile", net.path("turn.pid"), wait=2)
    for i in range(40):
        net.run("a", "turnutils_stunclient", "-p", "3478", B, timeout=5)


def turn_data(net):
    """TURN channel data whose content is no RTP."""
    net.spawn("b", "turnserver", "-n", "-L", B, "-u", "p2s:p2s", "-r", "p2s", "-a", "--no-tls",
              "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", net.path("turn.pid"),
              "--userdb", net.path("turn.db"), "--allow-loopback-peers", wait=2)
    net.spawn("b", "turnutils_peer", "-L", B, wait=1)
    net.run("a", "turnutils_uclient", "-u", "p2s", "-w", "p2s", "-e", B, "-n", "300", "-m", "2",
            "-l", "170", "-z", "10", B, timeout=40)


def mosh(net):
    key = net.run("b", "mosh-server", "new", "-i", B, "-p", "60001", "--", "sh", "-c",
                  "while sleep 0.1; do date; done", env={"LC_ALL": "C.UTF-8"}, timeout=10)
    key = key.split("MOSH CONNECT ")[1].split()[1]
    net.run("a", "script", "-qc", f"stty rows 24 cols 80; mosh-client {B} 60001", "/dev/null",
            env={"MOSH_KEY": key, "LC_ALL": "C.UTF-8", "TERM": "xterm"}, timeout=15)


def iperf(net):
    net.spawn("b", "iperf3", "-s", wait=1)
    net.run("a", "iperf3", "-u", "-c", B, "-b", "2M", "-t", "6", "-l", "1200", "--bidir",
            timeout=20)


def openvpn(net):
    net.run("a", "openvpn", "--genkey", "secret", net.path("key"))
    for host, remote, number in (("b", A, 2), ("a", B, 1)):
        net.spawn(host, "openvpn", "--dev", "tun9", "--remote", remote, "--ifconfig",
                  f"10.9.9.{number}", f"10.9.9.{3 - number}", "--secret", net.path("key"),
                  "--cipher", "AES-256-CBC", "--auth", "SHA256", wait=3)
    _tunnelled(net, "10.9.9.2")


def openvpn_tls(net):
    """Its own handshake and data channel (P_DATA_V2: the opcode in five bits)."""
    certificate(net, "vpn")
    common = ("--dev", "tun9", "--topology", "p2p", "--data-ciphers", "AES-256-GCM",
              "--peer-fingerprint", certificate(net, "vpn"), "--cert", net.path("vpn.pem"),
              "--key", net.path("vpn.key"))
    net.spawn("b", "openvpn", *common, "--tls-server", "--dh", "none", "--ifconfig", "10.9.9.2",
              "10.9.9.1", "--local", B, wait=2)
    net.spawn("a", "openvpn", *common, "--tls-client", "--ifconfig", "10.9.9.1", "10.9.9.2",
              "--remote", B, wait=5)
    _tunnelled(net, "10.9.9.2")


def _tunnelled(net, address, seconds="5"):
    """Load through a tunnel that is there."""
    net.spawn("b", "iperf3", "-s", wait=1)
    net.run("a", "iperf3", "-c", address, "-b", "1M", "-t", seconds, timeout=20)
    net.run("a", "ping", "-c", "50", "-i", "0.02", address, timeout=10)


def wireguard(net, during=None):
    """WireGuard in user space, here where the kernel may have none."""
    keys = {}
    for host in "ab":
        private = net.run(host, "wg", "genkey").strip()
        net.path(f"wg-{host}", private)
        keys[host] = net.run(host, "wg", "pubkey", text=private).strip()
    for host, peer, address, number in (("a", "b", B, 1), ("b", "a", A, 2)):
        net.spawn(host, "wireguard-go", "-f", "p2swg" + host, wait=1)
        net.run(host, "wg", "set", "p2swg" + host, "private-key", net.path(f"wg-{host}"),
                "listen-port", "51820", "peer", keys[peer], "allowed-ips", "10.78.0.0/24",
                "endpoint", f"{address}:51820", check=True)
        net.run(host, "ip", "addr", "add", f"10.78.0.{number}/24", "dev", "p2swg" + host)
        net.run(host, "ip", "link", "set", "p2swg" + host, "up")
    if during:
        during(net)
    else:
        _tunnelled(net, "10.78.0.2")


def vxlan(net):
    for host, remote, number in (("a", B, 1), ("b", A, 2)):
        net.run(host, "ip", "link", "add", "vx0", "type", "vxlan", "id", "42", "remote", remote,
                "dstport", "4789", "dev", "eth0", check=True)
        net.run(host, "ip", "addr", "add", f"10.78.0.{number}/24", "dev", "vx0")
        net.run(host, "ip", "link", "set", "vx0", "up")
    _tunnelled(net, "10.78.0.2")


def ipsec(net):
    """IKEv2, then ESP in UDP (NAT traversal, RFC 3948), by strongSwan in user space."""
    for host, left, right in (("b", B, A), ("a", A, B)):
        net.path(f"{host}/strongswan.conf", "charon {\n load_modular = no\n load = random nonce aes "
                 "sha1 sha2 hmac kdf curve25519 openssl x509 pubkey pem kernel-libipsec "
                 "kernel-netlink socket-default stroke\n retransmit_tries = 2\n"
                 " filelog { stderr { default = 1 } }\n piddir = /run\n}\n")
        net.path(f"{host}/ipsec.conf", f"conn c\n left={left}\n right={right}\n authby=psk\n"
                 " keyexchange=ikev2\n forceencaps=yes\n auto=add\n"
                 f" leftsubnet=10.{78 + (host == 'b')}.0.1/32\n"
                 f" rightsubnet=10.{78 + (host == 'a')}.0.1/32\n")
        net.path(f"{host}/ipsec.secrets", ': PSK "p2s"\n')
        net.run(host, "ip", "addr", "add", f"10.{78 + (host == 'b')}.0.1/32", "dev", "lo")
        # starter knows its files by name alone: they are laid over /etc in a mount namespace
        net.spawn(host, "unshare", "-m", "sh", "-c",
                  f"mount --bind {net.path(host)}/ipsec.conf /etc/ipsec.conf && "
                  f"mount --bind {net.path(host)}/ipsec.secrets /etc/ipsec.secrets && "
                  f"mount --bind {net.path(host)}/strongswan.conf /etc/strongswan.conf && "
                  "mount -t tmpfs x /run && (sleep 3; "
                  + ("ipsec up c; " if host == "a" else "") + "sleep 60) & exec ipsec start --nofork",
                  wait=1)
    time.sleep(5)
    net.spawn("b", "iperf3", "-s", "-B", "10.79.0.1", wait=1)
    net.run("a", "iperf3", "-c", "10.79.0.1", "-B", "10.78.0.1", "-b", "1M", "-t", "4", timeout=20)


def certificate(net, name):
    """Makes NAME.pem and NAME.key; returns the SHA-256 fingerprint."""
    if not os.path.exists(net.path(name + ".pem")):
        net.run("a", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN={name}.test",
                "-addext", f"subjectAltName=DNS:{name}.test,IP:{B}", "-keyout",
                net.path(name + ".key"), "-out", net.path(name + ".pem"), check=True)
    return net.run("a", "openssl", "x509", "-in", net.path(name + ".pem"), "-noout", "-fingerprint",
                   "-sha256").strip().split("=")[1]


def _spki(net, name):
    """The hash by which Chromium trusts it."""
    return net.run("a", "sh", "-c", f"openssl x509 -in {net.path(name + '.pem')} -pubkey -noout | "
                   "openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64").strip()


def quic(net):
    """HTTP/3: Chromium and Caddy (quic-go)."""
    certificate(net, "h3")
    os.makedirs(net.path("www"), exist_ok=True)
    for i in range(24):
        with open(net.path(f"www/{i}.bin"), "wb") as out:
            out.write(os.urandom(90000))
    net.path("www/index.html", "".join(
        f"<script>setTimeout(()=>fetch('/{i}.bin',{{cache:'no-store'}}),{i * 300})</script>"
        for i in range(24)))
    net.path("Caddyfile", "{\n auto_https off\n admin off\n}\nhttps://h3.test:443 {\n tls "
             f"{net.path('h3.pem')} {net.path('h3.key')}\n root * {net.path('www')}\n file_server\n}}\n")
    net.spawn("b", "caddy", "run", "--config", net.path("Caddyfile"), "--adapter", "caddyfile",
              wait=3, env={"HOME": net.directory.name})
    net.run("a", shutil.which("chromium") or "chromium", "--headless", "--no-sandbox",
            "--disable-gpu", "--no-first-run", f"--user-data-dir={net.path('profile')}",
            "--enable-quic", "--origin-to-force-quic-on=h3.test:443",
            f"--host-resolver-rules=MAP h3.test {B}",
            f"--ignore-certificate-errors-spki-list={_spki(net, 'h3')}", "--virtual-time-budget=1",
            "--timeout=9000", "--remote-debugging-port=0", "https://h3.test/", timeout=12)


def quic_ngtcp2(net):
    certificate(net, "h3")
    with open(net.path("file"), "wb") as out:
        out.write(os.urandom(400000))
    net.spawn("b", "gtlsserver", "-q", "-d", net.directory.name, B, "4433", net.path("h3.key"),
              net.path("h3.pem"), wait=1)
    for _ in range(3):
        net.run("a", "gtlsclient", "-q", "--exit-on-all-streams-close", B, "4433",
                f"https://{B}:4433/file", timeout=15)


def bittorrent(net):
    """uTP (BEP 29), both DHTs: libtorrent as seeder, Transmission as the other."""
    with open(net.path("data.bin"), "wb") as out:
        out.write(os.urandom(1500000))
    net.spawn("b", "/usr/bin/python3", os.path.join(HERE, "seed.py"), net.path("data.bin"),
              net.path("data.torrent"), B, wait=3)
    net.path("tr/settings.json", '{"utp-enabled":true,"dht-enabled":true,"lpd-enabled":true,'
             '"port-forwarding-enabled":false,"rpc-enabled":false,"encryption":0,'
             '"speed-limit-down":150,"speed-limit-down-enabled":true,"peer-port":51413}')
    os.makedirs(net.path("down"), exist_ok=True)
    net.run("a", "transmission-cli", "-g", net.path("tr"), "-w", net.path("down"), "-u", "50",
            net.path("data.torrent"), timeout=25)


def teeworlds(net):
    net.spawn("b", "/usr/games/teeworlds-server", f"bindaddr {B}", "sv_register 0", "sv_name test",
              wait=2, env={"HOME": net.directory.name})
    _game(net, "/usr/games/teeworlds", "gfx_screen_width 320", "gfx_screen_height 240",
          "gfx_fullscreen 0", "snd_enable 0", "cl_auto_demo_record 0", "player_name test",
          f"connect {B}:8303")


def minetest(net):
    os.makedirs(net.path("home"), exist_ok=True)
    net.spawn("b", "/usr/games/minetestserver", "--gameid", "devtest", "--worldname", "test",
              "--port", "30000", wait=6, env={"HOME": net.path("home")})
    net.path("home/client.conf", "screen_w = 320\nscreen_h = 240\nenable_sound = false\n"
             "fps_max = 5\nviewing_range = 20\n")
    _game(net, "/usr/games/minetest", "--config", net.path("home/client.conf"), "--address", B,
          "--port", "30000", "--name", "test", "--password", "test", "--go")


def _game(net, *argv, seconds=20):
    net.run("a", "xvfb-run", "-a", "-s", "-screen 0 320x240x24", *argv, timeout=seconds,
            env={"HOME": net.directory.name, "LIBGL_ALWAYS_SOFTWARE": "1", "SDL_AUDIODRIVER": "dummy",
                 "SDL_VIDEODRIVER": "x11"})


def srt(net):
    """SRT: its control packets begin as RTP does."""
    net.spawn("b", "srt-live-transmit", "-q", "srt://:9000?mode=listener", "file://con", wait=1)
    net.run("a", "sh", "-c", "head -c 1200000 /dev/urandom | while dd bs=1316 count=8 2>/dev/null | "
            "grep -a . ; do sleep 0.05; done | "
            f"srt-live-transmit -q file://con 'srt://{B}:9000?mode=caller'", timeout=10)


def tinc(net):
    for host, number in (("a", 1), ("b", 2)):
        net.path(f"tinc-{host}/tinc.conf", f"Name = {host}\nMode = router\nInterface = tinc{host}\n"
                 f"Port = 655\n" + ("ConnectTo = b\n" if host == "a" else ""))
        net.path(f"tinc-{host}/tinc-up", f"#!/bin/sh\nip addr add 10.78.0.{number}/24 dev $INTERFACE\n"
                 "ip link set $INTERFACE up\n")
        os.chmod(net.path(f"tinc-{host}/tinc-up"), 0o755)
        net.run(host, "openssl", "genrsa", "-traditional", "-out", net.path(f"tinc-{host}/rsa_key.priv"),
                "2048")
        public = net.run(host, "openssl", "rsa", "-in", net.path(f"tinc-{host}/rsa_key.priv"),
                         "-RSAPublicKey_out").split("\n", 1)[1]
        for other in "ab":
            net.path(f"tinc-{other}/hosts/{host}", f"Address = 10.77.0.{number}\n"
                     f"Subnet = 10.78.0.{number}/32\n{public}")
    for host in "ba":
        net.spawn(host, "tincd", "-c", net.path(f"tinc-{host}"), "-D", "-d2",
                  f"--pidfile={net.path(f'tinc-{host}.pid')}", wait=2)
    time.sleep(2)
    _tunnelled(net, "10.78.0.2")


def ptp(net):
    for host in "ba":
        net.path(f"ptp-{host}.conf", "[global]\nnetwork_transport UDPv4\ntime_stamping software\n"
                 "delay_mechanism E2E\nfree_running 1\nlogSyncInterval -4\nlogMinDelayReqInterval -4\n"
                 f"uds_address {net.path('ptp-' + host)}\n"
                 + ("priority1 10\n" if host == "b" else "slaveOnly 1\n"))
        net.spawn(host, "ptp4l", "-f", net.path(f"ptp-{host}.conf"), "-i", "eth0", "-m", wait=1)
    time.sleep(18)


def _listen(net, port):
    """Somebody who takes what comes, so that no ICMP says otherwise."""
    net.spawn("b", sys.executable, "-c", "import socket\n"
              f"s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind(('{B}',{port}))\n"
              "while 1: s.recv(9000)\n", wait=0.5)


def collectd(net):
    net.path("collectd.conf", f'Hostname "test"\nInterval 0.05\nLoadPlugin cpu\nLoadPlugin network\n'
             f'PIDFile "{net.path("c.pid")}"\nBaseDir "{net.directory.name}"\n'
             f'<Plugin network>\n Server "{B}" "25826"\n</Plugin>\n')
    _listen(net, 25826)
    net.run("a", "collectd", "-f", "-C", net.path("collectd.conf"), timeout=12)


def radius(net):
    net.path("r/radiusd.conf", f"name=freeradius\nrun_dir={net.path('r')}\npidfile={net.path('r/pid')}\n"
             "security { allow_vulnerable_openssl = yes }\nlog { destination = stdout }\n"
             "modules { }\nclient all { ipaddr = 0.0.0.0/0\n secret = p2s }\n"
             f"server d {{ listen {{ type = auth\n ipaddr = {B}\n port = 1812 }}\n"
             " authorize { update control { Auth-Type := Accept } } }\n")
    net.spawn("b", "freeradius", "-f", "-d", net.path("r"), "-n", "radiusd", "-l", "stdout", wait=2)
    net.run("a", "sh", "-c", 'i=0; while [ $i -lt 300 ]; do echo "User-Name=u$i,User-Password=p"; '
            f'echo; i=$((i+1)); done | radclient -q -p 4 {B} auth p2s', timeout=20)


def noise(net, sizes="60,1400", program="os.urandom(random.randrange({}))", seconds=3):
    """Random bytes, as of something encrypted from its first byte (RTMFP, Tor's and the like)."""
    what = program.format(sizes)
    for host, peer in (("b", A), ("a", B)):
        net.spawn(host, sys.executable, "-c", "import os,random,socket,time\n"
                  "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind(('',1935));random.seed(1)\n"
                  f"while 1: s.sendto({what},('{peer}',1935));time.sleep(.004)\n")
    time.sleep(seconds)
