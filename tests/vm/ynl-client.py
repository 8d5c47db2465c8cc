#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ynl-client.py root|user - the family "pvsched" by the kernel's own client

Everything on the wire is done by the Python client of the kernel tree, which
knows nothing of pvsched but include/netlink/pvsched.yaml. There are two fake
VMs, "rootvm" with 2 vCPUs and "uservm" with 1024, of the user "vmuser"; their
commands go to /run/NAME.in. Prints a line for each check, as lib/harness.sh.
"""

import os
import pwd
import sys
import time

REPO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(REPO, "build", "lab", "ynl"))
from lib import YnlFamily, NlError  # noqa: E402
from lib.ynl import Netlink, NlMsgs  # noqa: E402

SPEC = os.path.join(REPO, "include", "netlink", "pvsched.yaml")
DUMP_INTR = 0x10
HISTOGRAMS = ("wait-urgent", "event-latency", "boost-length", "deboost-latency")


def family():
    return YnlFamily(SPEC, schema="")


def expect(truth, *what):
    if not truth:
        raise AssertionError(" ".join(str(part) for part in what))


def refused(ynl, op, attrs):
    """The extended acknowledgement of a request that has to be refused."""
    try:
        reply = ynl.do(op, attrs)
    except NlError as error:
        return error.nl_msg.error, error.nl_msg.extack or {}
    raise AssertionError(f"{op} {attrs} was not refused: {reply}")


def command(vm, text):
    with open(f"/run/{vm}.in", "w") as to:
        to.write(text + "\n")


def caps_of(reply, member="cap"):
    return {cap["id"]: (cap["soft"], cap["hard"]) for cap in reply[member]}


def dump_of_vms(ynl):
    vms = {vm["name"]: vm for vm in ynl.dump("vm-get", {})}
    expect(set(vms) == {"rootvm", "uservm"}, set(vms))
    vm = vms["uservm"]
    expect(vm["vcpus"] == 1024 and vm["policy"] == "boost", vm)
    expect(vm["uid"] == pwd.getpwnam("vmuser").pw_uid, vm)
    expect(vm["stats"]["doorbells"] == 0, vm)
    expect(all(vm["stats"][name] == {"sum-ns": 0} for name in HISTOGRAMS), vm)


def one_vm(ynl):
    vm = ynl.do("vm-get", {"name": "rootvm"})
    expect(vm["vcpus"] == 2 and vm["protocol"] == "urgency", vm)


def dump_of_vcpus(ynl):
    vcpus = ynl.dump("vcpu-get", {})
    keys = {(vcpu["vm"], vcpu["id"]) for vcpu in vcpus}
    expect(len(vcpus) == len(keys) == 1026, len(vcpus), len(keys))
    expect(all(vcpu["state"] == "pending" for vcpu in vcpus), vcpus[0])
    expect(all(vcpu["sleeper"] == 92 for vcpu in vcpus), vcpus[0])
    expect(all("stats" in vcpu for vcpu in vcpus), vcpus[0])


def dump_of_one_vm(ynl):
    vcpus = ynl.dump("vcpu-get", {"vm": "rootvm"})
    expect([vcpu["id"] for vcpu in vcpus] == [0, 1], vcpus)


def one_vcpu(ynl):
    vcpu = ynl.do("vcpu-get", {"vm": "uservm", "id": 1023})
    expect(vcpu["id"] == 1023 and vcpu["flags"] == set(), vcpu)
    expect("rtprio" in {cap["id"] for cap in vcpu["binding"]}, vcpu)


def caps_are_set(ynl):
    before = caps_of(ynl.do("cap-get", {"vm": "rootvm"}))
    reply = ynl.do("cap-set", {"vm": "rootvm", "cap": [
        {"id": "rtprio", "soft": 7, "hard": 30}, {"id": "slice", "soft": 2500}]})
    expect(caps_of(reply, "old")["rtprio"] == before["rtprio"], reply)
    after = caps_of(ynl.do("cap-get", {"vm": "rootvm"}))
    expect(after["rtprio"] == (7, 30), after)
    expect(after["slice"] == (2500, before["slice"][1]), after)


def refusals_say_why(ynl):
    error, extack = refused(ynl, "cap-set", {"cap": [{"id": "rtprio", "soft": 60, "hard": 50}]})
    expect(error < 0 and "soft is above hard 50" in extack.get("msg", ""), error, extack)
    expect(extack.get("bad-attr") == ".cap", extack)
    error, extack = refused(ynl, "vm-get", {"name": "nobody"})
    expect(extack.get("msg") == "no VM nobody" and extack.get("bad-attr") == ".name", extack)
    error, extack = refused(ynl, "vcpu-get", {"vm": "rootvm", "id": 7})
    expect(extack.get("msg") == "no vCPU 7 of VM rootvm", extack)
    expect(extack.get("bad-attr") == ".id", extack)
    error, extack = refused(ynl, "vcpu-get", {"vm": "rootvm"})
    expect(extack.get("msg") == "a vCPU is named by its VM and its id", extack)
    error, extack = refused(ynl, "vcpu-get", {"vm": "rootvm", "id": 4096})
    expect(extack.get("bad-attr") == ".id", extack)


def events_are_told(ynl):
    listener = family()
    listener.ntf_subscribe("config")
    start = time.monotonic_ns()
    ynl.do("cap-set", {"vm": "rootvm", "vcpu": 1, "cap": [{"id": "rtprio", "soft": 3}]})
    command("rootvm", "detach 1")
    command("rootvm", "attach 1")
    events = []
    while len(events) < 3 and time.monotonic_ns() < start + 10**10:
        time.sleep(0.1)
        listener.check_ntf()
        events = [event for msg in listener.async_msg_queue for event in msg["msg"]["event"]]
    expect([event["kind"] for event in events] == ["caps", "vcpu-del", "vcpu-add"], events)
    expect(all(event["vm"] == "rootvm" and event["vcpu"] == 1 for event in events), events)
    expect(events[0]["cap"] == [{"id": "rtprio", "level": "vcpu", "soft": 3,
                                 "hard": events[0]["cap"][0]["hard"]}], events)
    first = events[0]["seq"]
    expect([event["seq"] for event in events] == [first, first + 1, first + 2], events)
    times = [start] + [event["time-ns"] for event in events] + [time.monotonic_ns()]
    expect(times == sorted(times), times)


def dumps_tell_that_vcpus_came_and_went(ynl):
    """A dump that is read slowly, while a vCPU goes and comes in the middle."""
    op = ynl.ops["vcpu-get"]
    ynl.sock.send(ynl._encode_message(op, {}, [Netlink.NLM_F_DUMP], 7))
    flags, seen, done, parts = 0, [], False, 0
    while not done:
        parts += 1
        if parts == 2:
            command("rootvm", "detach 0")
            time.sleep(0.5)
            command("rootvm", "attach 0")
            time.sleep(0.5)
        for msg in NlMsgs(ynl.sock.recv(65536), attr_space=op.attr_set):
            done |= msg.done
            flags |= msg.nl_flags
            if not msg.done:
                decoded = ynl.nlproto.decode(ynl, msg, op)
                vcpu = ynl._decode(decoded.raw_attrs, op.attr_set.name)
                seen.append((vcpu["vm"], vcpu["id"]))
    expect(parts > 10, parts)
    expect(flags & DUMP_INTR, hex(flags))
    expect(len(seen) == len(set(seen)), "twice")
    expect({("uservm", vcpu) for vcpu in range(1024)} <= set(seen), len(seen))


def others_are_not_there(ynl):
    expect([vm["name"] for vm in ynl.dump("vm-get", {})] == ["uservm"])
    expect({vcpu["vm"] for vcpu in ynl.dump("vcpu-get", {})} == {"uservm"})
    for op, attrs in (("vm-get", {"name": "rootvm"}),
                      ("vcpu-get", {"vm": "rootvm", "id": 0}),
                      ("cap-get", {"vm": "rootvm"}),
                      ("cap-set", {"vm": "rootvm", "cap": [{"id": "rtprio", "soft": 0}]})):
        error, extack = refused(ynl, op, attrs)
        expect(extack.get("msg") == "no VM rootvm", op, extack)


def ones_own_has_figures(ynl):
    expect("waited-urgent-ns" in ynl.do("vm-get", {"name": "uservm"})["stats"])
    expect("stats" in ynl.do("vcpu-get", {"vm": "uservm", "id": 5}))


def groups_are_closed(_):
    for group in ("config", "boost"):
        try:
            family().ntf_subscribe(group)
        except PermissionError:
            continue
        raise AssertionError(f"group {group} is open")


CHECKS = {
    "root": [dump_of_vms, one_vm, dump_of_vcpus, dump_of_one_vm, one_vcpu, caps_are_set,
             refusals_say_why, events_are_told, dumps_tell_that_vcpus_came_and_went],
    "user": [others_are_not_there, ones_own_has_figures, groups_are_closed],
}


def main():
    failed = False
    ynl = family()
    for check in CHECKS[sys.argv[1]]:
        name = f"{sys.argv[1]}: {check.__name__.replace('_', ' ')}"
        try:
            check(ynl)
            print(f"ok - {name}", flush=True)
        except Exception as error:  # whatever it is, the others are checked
            print(f"not ok - {name}: {type(error).__name__} {str(error)[:300]}", flush=True)
            failed = True
    sys.exit(failed)


main()
