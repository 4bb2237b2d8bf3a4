# SPDX-License-Identifier: GPL-2.0-or-later
"""A private system bus with our policy, the real polkitd, and p2sd on it.

Everything runs in a mount and a network namespace of the test's own, so that
neither the machine's links nor its polkit actions are touched.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.abspath(os.environ.get(
    "P2S_SOURCE", os.path.join(os.path.dirname(__file__), "..", "..")))
P2SD = os.environ.get("P2SD", os.path.join(SOURCE, "build", "daemon", "p2sd"))
POLKITD = next((p for p in ("/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd")
                if os.path.exists(p)), None)
NOBODY = 65534
BPFTOOL = shutil.which("bpftool") or "/usr/sbin/bpftool"  # what the build took

def bus_config(directory):
    with open(os.path.join(SOURCE, "tests", "lab", "bus.conf.in"), encoding="utf-8") as f:
        return f.read().format(directory=directory, policy=os.path.join(
            SOURCE, "data", "dbus", "org.p2s.Manager.conf"))


def skip(why):
    print("SKIP:", why)
    sys.exit(77)


def enter_namespaces():
    """Runs the calling script again, as root of namespaces of its own."""
    if os.environ.get("P2S_TEST_NAMESPACES"):
        return
    if os.geteuid() != 0:
        skip("needs root, for namespaces and two UIDs")
    if not POLKITD or not shutil.which("dbus-daemon"):
        skip("needs dbus-daemon and polkitd")
    if not os.path.exists(P2SD):
        skip(f"needs {P2SD}: build first")
    if subprocess.call(["unshare", "-mn", "true"], stderr=subprocess.DEVNULL) != 0:
        skip("may not make namespaces here")
    os.environ["P2S_TEST_NAMESPACES"] = "1"
    os.execvp("unshare", ["unshare", "-mn", "--propagation", "private", sys.executable,
                          *sys.argv])


def sh(command, **more):
    """What a shell command prints; fails with what it says if it does."""
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_for(what, timeout=10.0, interval=0.02):
    """The value of what() once it is true; fails after timeout seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(interval)
    raise AssertionError(f"not within {timeout} s: {what}")


def clear(bus):
    """Forgets what was chosen, and what stood on links."""
    for d in ("state", "run"):
        shutil.rmtree(os.path.join(bus.dir, d))
        os.mkdir(os.path.join(bus.dir, d))


class PrivateBus:
    """The bus and polkitd; p2sd is started and stopped by the test.

    rules: JavaScript that polkitd goes by before our defaults.
    """

    def __init__(self, polkit=True, rules=""):
        self.dir = tempfile.mkdtemp(prefix="p2s-bus-")
        os.chmod(self.dir, 0o755)
        self.address = f"unix:path={self.dir}/bus"
        self.environ = dict(os.environ,
                            DBUS_SYSTEM_BUS_ADDRESS=self.address,
                            STATE_DIRECTORY=os.path.join(self.dir, "state"),
                            RUNTIME_DIRECTORY=os.path.join(self.dir, "run"))
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = self.address
        self.daemon = self.polkit = None
        for d in ("state", "run", "actions", "rules"):
            os.mkdir(os.path.join(self.dir, d))
        config = os.path.join(self.dir, "bus.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(bus_config(self.dir))
        subprocess.check_call(["ip", "link", "set", "lo", "up"])
        self.bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"])
        wait_for(lambda: os.path.exists(os.path.join(self.dir, "bus")), 60)
        if polkit:
            self.hide_machine_polkit(rules)
            self.start_polkit()

    def hide_machine_polkit(self, text):
        actions = os.path.join(self.dir, "actions")
        shutil.copy(os.path.join(SOURCE, "data/polkit/org.p2s.policy"), actions)
        subprocess.check_call(["mount", "--bind", actions, "/usr/share/polkit-1/actions"])
        rules = os.path.join(self.dir, "rules")
        os.chmod(rules, 0o755)
        path = os.path.join(rules, "10-test.rules")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o644)
        os.makedirs("/etc/polkit-1/rules.d", exist_ok=True)
        subprocess.check_call(["mount", "--bind", rules, "/etc/polkit-1/rules.d"])

    def start_polkit(self):
        self.polkit = subprocess.Popen([POLKITD, "--no-debug"], env=self.environ,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.has_owner("org.freedesktop.PolicyKit1"), 60)

    def stop_polkit(self):
        self.stop_process(self.polkit)
        self.polkit = None

    def has_owner(self, name):
        out = subprocess.run(
            ["busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
             "org.freedesktop.DBus", "NameHasOwner", "s", name],
            env=self.environ, capture_output=True, text=True, check=False)
        return out.stdout.strip() == "b true"

    def start_daemon(self, *args, env=(), **popen):
        self.daemon = subprocess.Popen([P2SD, *args], env={**self.environ, **dict(env)}, **popen)

        def ready():
            if self.daemon.poll() is not None:
                raise AssertionError(f"p2sd ended with {self.daemon.returncode}")
            return self.has_owner("org.p2s.Manager") and self.call("GetStats").returncode == 0
        wait_for(ready, 60)

    def stop_daemon(self, sig=signal.SIGTERM):
        """The exit status."""
        self.daemon.send_signal(sig)
        status = self.daemon.wait(20)
        self.daemon = None
        return status

    def status(self):
        """What /proc says of p2sd's process, by field."""
        with open(f"/proc/{self.daemon.pid}/status", encoding="utf-8") as f:
            return dict(line.split(":", 1) for line in f)

    def port(self, number):
        """What p2sd tells the packet programs about a port, from the map that this one has
        open; other daemons have their own."""
        fdinfo = f"/proc/{self.daemon.pid}/fdinfo"
        for fd in os.listdir(fdinfo):
            with open(os.path.join(fdinfo, fd), encoding="ascii") as f:
                fields = dict(line.split(":", 1) for line in f if ":" in line)
            if fields.get("value_size", "").strip() == "65536":
                out = subprocess.run([BPFTOOL, "-j", "map", "lookup", "id",
                                      fields["map_id"].strip(), "key", "0", "0", "0", "0"],
                                     check=True, capture_output=True, text=True).stdout
                return int(json.loads(out)["value"][number], 16)
        raise AssertionError("p2sd has no map of ports")

    def call(self, member, signature=None, *args, uid=0, timeout=30, interactive=False):
        """busctl's CompletedProcess of one call, as that UID."""
        command = ["busctl", f"--timeout={timeout}", "--json=short",
                   f"--allow-interactive-authorization={'yes' if interactive else 'no'}",
                   "call", "org.p2s.Manager", "/org/p2s/Manager", "org.p2s.Manager", member]
        if signature:
            command += [signature, "--", *map(str, args)]
        return self.run(command, uid)

    def properties(self):
        """All of the manager's, without their types."""
        done = self.run(["busctl", "--json=short", "call", "org.p2s.Manager", "/org/p2s/Manager",
                         "org.freedesktop.DBus.Properties", "GetAll", "s", "org.p2s.Manager"])
        assert done.returncode == 0, done.stderr
        return {k: v["data"] for k, v in json.loads(done.stdout)["data"][0].items()}

    def ok(self, *args):
        """What the member answers, without its outer types; fails if it is an error."""
        done = self.call(*args)
        if done.returncode:
            raise AssertionError(f"{args}: {done.stderr}")
        return json.loads(done.stdout)["data"] if done.stdout.strip() else None

    def run(self, command, uid=0):
        if uid:
            command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True,
                              check=False)

    @staticmethod
    def stop_process(process):
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self):
        for p in (self.daemon, self.polkit, self.bus):
            self.stop_process(p)
        for d in ("/usr/share/polkit-1/actions", "/etc/polkit-1/rules.d"):
            subprocess.call(["umount", d], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)


def with_a_link(test):
    """A bus without polkit for a test class, and the link p2sA, from which 192.0.2.2 is
    reached: what goes there meets nobody."""
    bus = PrivateBus(polkit=False)
    test.addClassCleanup(bus.close)
    subprocess.check_call(
        "ip link add p2sA type veth peer name p2sB; ip link set p2sB up;"
        "ip addr add 192.0.2.1/24 dev p2sA; ip link set p2sA up;"
        "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev p2sA", shell=True)
    return bus
