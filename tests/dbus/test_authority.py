# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what: the real polkitd with our policy, an agent, and users.

nobody is in no session, so that our own defaults ask for an administrator; rules of the
test's say yes to "games" and no to "man".
"""
import os
import re
import signal
import subprocess
import unittest
import xml.etree.ElementTree as ET

import private_bus
from caller import Caller, pump
from polkit_agent import Agent
from private_bus import NOBODY, SOURCE

GAMES, MAN = 5, 6
DENIED = "org.freedesktop.DBus.Error.AccessDenied"
REQUIRED = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
RULES = """polkit.addRule(function(action, subject) {
    if (action.id.indexOf("org.p2s.") == 0 && subject.user == "games")
        return polkit.Result.YES;
    if (action.id.indexOf("org.p2s.") == 0 && subject.user == "man")
        return polkit.Result.NO;
});
"""
# A change of each action's, and what undoes it.
CHANGES = {
    "org.p2s.set-mode": ("SetMode", "('monitor',)", ("SetMode", "('off',)")),
    "org.p2s.configure": ("AddPorts", "(uint16 5004, uint16 5005, 'voice', '')",
                          ("RemovePorts", "(uint16 5004, uint16 5005)")),
    "org.p2s.read-calls": ("GetCalls", None, None),
}
# Every other method that needs one, with arguments that would change something.
OTHERS = {
    "HoldMode": "('monitor', 'a', 'b')", "RemovePorts": "(uint16 6000, uint16 6001)",
    "SetPorts": "([(uint16 5, uint16 6, 'voice', '')],)", "SetDscps": "([(byte 46, 'video')],)",
    "SetLink": "('p2sA', uint64 9000000, uint64 0, @a{sv} {})", "UnsetLink": "('auto',)",
    "ForgetNetwork": "('p2sA', 'gateway:02:00:00:00:00:02')",
    "ResetStats": None, "Reload": None,
}


class TableTest(unittest.TestCase):
    def test_the_table_and_the_interface_name_the_same(self):
        xml = ET.parse(os.path.join(SOURCE, "data/dbus/org.p2s.Manager.xml"))
        with open(os.path.join(SOURCE, "daemon/authority.c"), encoding="utf-8") as f:
            rows = re.findall(r'\{"(\w+)", (NULL|"[\w.-]+")\}', f.read())
        table = dict(rows)
        self.assertEqual(len(table), len(rows))
        self.assertEqual(set(table), {m.get("name") for m in xml.iter("method")})
        policy = ET.parse(os.path.join(SOURCE, "data/polkit/org.p2s.policy"))
        actions = {a.get("id") for a in policy.iter("action")}
        self.assertEqual({a.strip('"') for a in table.values()} - {"NULL"}, actions)
        # each of them is tried below
        self.assertEqual({m for m, a in rows if a != "NULL"} - set(OTHERS),
                         {"SetMode", "AddPorts", "GetCalls"})
        # p2sd is no root: without this polkit would not tell it about other users
        for action in policy.iter("action"):
            owners = [a.text for a in action.iter("annotate")
                      if a.get("key") == "org.freedesktop.policykit.owner"]
            self.assertEqual(owners, ["unix-user:p2s"], action.get("id"))


class AuthorityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(rules=RULES)
        cls.addClassCleanup(cls.bus.close)
        subprocess.check_call(
            "ip link add p2sA up type veth peer name p2sB; ip link set p2sB up;"
            "ip addr add 192.0.2.1/24 dev p2sA; ip route add default via 192.0.2.2;"
            "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev p2sA", shell=True)
        cls.bus.start_daemon()
        # rates that can be forgotten, and a link that does not say where it is
        cls.bus.call("SetLink", "stta{sv}", "auto", 5000000, 0, 0)
        cls.bus.call("AddPorts", "qqss", 6000, 6001, "video", "to remove")
        cls.agent = Agent()
        cls.addClassCleanup(cls.agent.close)
        cls.callers = []

    def setUp(self):
        self.root = self.caller(0)
        self.state = self.bus.properties()

    def tearDown(self):
        for c in self.callers:
            c.leave()
        self.callers.clear()
        self.agent.questions.clear()
        self.agent.cancelled.clear()
        pump(lambda: self.bus.properties() == self.state)

    def caller(self, uid):
        c = Caller(self.bus, uid)
        self.callers.append(c)
        return c

    def asked(self):
        """A client of nobody's, with a person before it."""
        c = self.caller(NOBODY)
        self.agent.sits_before(c.pid)
        return c

    def undo(self, action):
        change = CHANGES[action][2]
        if change:
            self.assertNotEqual(self.bus.properties(), self.state, action)
            self.assertIsNone(self.root.call(*change))
        self.assertEqual(self.bus.properties(), self.state)

    def question(self, action):
        """The cookie of the one that polkit asks."""
        pump(lambda: self.agent.questions)
        self.assertEqual(self.agent.actions(), [action])
        return next(iter(self.agent.questions))

    def test_allowed(self):
        games = self.caller(GAMES)
        for action, (member, args, _) in CHANGES.items():
            self.assertIsNone(games.call(member, args), action)
            self.undo(action)

    def test_refused(self):
        man = self.caller(MAN)
        for member, args, _ in CHANGES.values():
            self.assertEqual(man.call(member, args, interactive=True), DENIED, member)
        for member, args in OTHERS.items():
            self.assertEqual(man.call(member, args, interactive=True), DENIED, member)
        self.assertIn("refused by polkit", man.answers[man.last]["message"])

    def test_challenged_and_answered(self):
        for action, (member, args, _) in CHANGES.items():
            c = self.asked()
            number = c.send(member, args, interactive=True)
            cookie = self.question(action)
            # nothing is in force while a person types
            self.assertEqual(self.bus.properties(), self.state)
            self.agent.answer(cookie)
            self.assertIsNone(c.wait(number), action)
            self.undo(action)

    def test_challenged_and_not_answered(self):
        for action, (member, args, _) in CHANGES.items():
            for way in (self.agent.fail, self.agent.dismiss):
                c = self.asked()
                number = c.send(member, args, interactive=True)
                way(self.question(action))
                self.assertEqual(c.wait(number), DENIED, action)
                self.assertEqual(self.bus.properties(), self.state)

    def test_not_asked_unless_the_call_allows(self):
        c = self.asked()
        for member, args, _ in CHANGES.values():
            self.assertEqual(c.call(member, args), REQUIRED, member)
        self.assertEqual(self.agent.questions, {})

    def test_cancelled_when_the_client_leaves(self):
        """p2sd takes the query back, and polkit takes the question from the person."""
        seen = os.path.join(self.bus.dir, "cancels")
        with open(seen, "w", encoding="utf-8") as f:
            watch = subprocess.Popen(
                ["dbus-monitor", "--address", self.bus.address,
                 "type=method_call,member=CancelCheckAuthorization"],
                stdout=f, stderr=subprocess.DEVNULL)
        try:
            pump(lambda: os.path.getsize(seen) > 0)
            for n, (action, (member, args, _)) in enumerate(CHANGES.items(), 1):
                c = self.asked()
                c.send(member, args, interactive=True)
                cookie = self.question(action)
                c.leave()
                # polkit may say so twice, the second time while the next one is asked
                pump(lambda: cookie in self.agent.cancelled)

                def cancels():
                    with open(seen, encoding="utf-8") as f:
                        return f.read().count("member=CancelCheckAuthorization")
                pump(lambda: cancels() == n)
                self.assertEqual(self.bus.properties(), self.state)
        finally:
            watch.terminate()
            watch.wait()

    def test_32_at_once(self):
        """From 32 clients, answered in another order; half of them right."""
        callers = [self.caller(NOBODY) for _ in range(32)]
        member, args, undo = CHANGES["org.p2s.set-mode"]
        for c in callers:
            self.agent.sits_before(c.pid)
        numbers = [c.send("HoldMode", "('monitor', 'n%d', '')" % i, interactive=True)
                   for i, c in enumerate(callers)]
        pump(lambda: len(self.agent.questions) == 32, 60)
        # others are served meanwhile
        self.assertIsNone(self.root.call("GetStats"))
        self.assertIsNone(self.caller(GAMES).call(member, args))
        self.assertIsNone(self.root.call(*undo))
        for i, cookie in enumerate(sorted(self.agent.questions, key=hash)):
            (self.agent.answer if i % 2 else self.agent.dismiss)(cookie)
        errors = [c.wait(n) for c, n in zip(callers, numbers)]
        self.assertEqual((errors.count(None), errors.count(DENIED)), (16, 16))
        self.assertEqual(len(self.bus.properties()["Holds"]), 16)
        for c in callers:
            c.leave()
        pump(lambda: self.bus.properties() == self.state)

    def test_polkit_restarted_in_mid_query(self):
        c = self.asked()
        number = c.send("SetMode", "('monitor',)", interactive=True)
        self.question("org.p2s.set-mode")
        self.bus.polkit.send_signal(signal.SIGKILL)
        self.bus.polkit.wait()
        self.assertEqual(c.wait(number), DENIED)
        self.assertIn("polkit gave no answer", c.answers[number]["message"])
        self.assertEqual(self.bus.properties(), self.state)
        self.agent.questions.clear()
        self.bus.start_polkit()
        self.agent.sits_before(c.pid)
        number = c.send("SetMode", "('monitor',)", interactive=True)
        self.agent.answer(self.question("org.p2s.set-mode"))
        self.assertIsNone(c.wait(number))
        self.undo("org.p2s.set-mode")

    def test_without_polkit_root_alone_may(self):
        self.bus.stop_polkit()
        try:
            callers = [self.caller(uid) for uid in (GAMES, NOBODY)]
            for action, (member, args, _) in CHANGES.items():
                for c in callers:
                    self.assertEqual(c.call(member, args, interactive=True), DENIED, action)
                self.assertEqual(self.bus.properties(), self.state)
                self.assertIsNone(self.root.call(member, args), action)
                self.undo(action)
            self.assertIsNone(callers[0].call("GetStats"))
        finally:
            self.bus.start_polkit()

    def test_what_changes_nothing_needs_no_authority(self):
        """The early return comes before the question; a bad value before both."""
        man = self.caller(MAN)
        self.assertIsNone(man.call("SetMode", "('off',)"))
        self.assertIsNone(man.call("RemovePorts", "(uint16 1, uint16 2)"))
        self.assertEqual(man.call("SetMode", "('turbo',)"), "org.p2s.Error.InvalidMode")


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
