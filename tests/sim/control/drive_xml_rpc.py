"""Drives a control port with Python's own XML-RPC client; prints 'all right' or fails.

Usage: drive_xml_rpc.py URL
"""
import http.client
import sys
import urllib.parse
import xmlrpc.client

url = sys.argv[1]
place = urllib.parse.urlsplit(url)
proxy = xmlrpc.client.ServerProxy(url + "RPC2", allow_none=True)


def fault_of(call, *arguments):
    try:
        call(*arguments)
    except xmlrpc.client.Fault as fault:
        assert fault.faultCode == 1, fault.faultCode
        return fault.faultString
    raise AssertionError("no fault")


def raw(body):
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def call_with(value):
    return "<?xml version='1.0'?><methodCall><methodName>server_get</methodName><params><param><value>" + value \
        + "</value></param></params></methodCall>"


names = proxy.server_list()
assert names == ["test00%d.localdomain" % i for i in range(4)] + ["worker000.localdomain"], names
first = names[0]

# The methods that existing callers use, by position.
unit = proxy.add_su(2, 2, 1)
assert sorted(unit) == ["controller_id", "fqdns", "serials"], unit
polled = proxy.poll_fake_controller(str(unit["controller_id"]))
assert polled == proxy.poll_fake_controller(unit["controller_id"])
assert polled["luns"][unit["serials"][0]]["size"] == 35184372088832 // 2**20
assert proxy.add_server(3) == "test006.localdomain"
assert proxy.set_log_rate(first, 3) is None
assert proxy.available_packages("server")["lustre"] == [0, "2.1.4", "1", "x86_64"]
assert proxy.update_packages({"lustre": [0, "2.9.0", "1", "x86_64"]}) is None
assert proxy.server_get(first)["profile_name"] is None
assert proxy.register_many([first], "wrong") == [None]
assert proxy.register(first, "secret")["host_id"] == 1
assert proxy.host_contactable(first) is True

# Beyond 32 bits, both ways.
xmlrpc.client.Marshaller.dispatch[int] = lambda _, value, write: write("<value><i8>%d</i8></value>" % value)
assert "there is no controller 9223372036854775807" == fault_of(proxy.poll_fake_controller, 2**63 - 1)
block = proxy.server_action(first, "device_plugin", {"plugin": "linux"})
sizes = {each["size"] for each in block["linux"]["devs"].values()}
assert 35184372088832 in sizes, sizes
del xmlrpc.client.Marshaller.dispatch[int]
xmlrpc.client.Marshaller.dispatch[int] = xmlrpc.client.Marshaller.dump_long

# What is wrong is a fault, and the port goes on.
assert "there is no operation 'save'" in fault_of(proxy.save)
assert "there is no operation '_private'" in fault_of(getattr(proxy, "_private"))
assert "takes at most 1 arguments, not 2" in fault_of(proxy.server_get, first, 2)
assert "/fqdn" in fault_of(proxy.server_get)
assert "/fqdn" in fault_of(proxy.server_get, None)
assert "/fqdn" in fault_of(proxy.server_get, 7)
assert "/nid_count" in fault_of(proxy.add_server, "two")
assert "there is no server bogus" in fault_of(proxy.server_get, "bogus")
assert "there is no server <&>" in fault_of(proxy.server_get, "<&>")

assert "server_get" in proxy.system.listMethods()
assert "server_get(fqdn: string) -> struct" in proxy.system.methodHelp("server_get")
assert proxy.system.methodSignature("server_get") == [["struct", "string"]]

for body, expected in [
    ("", "not XML"),
    ("<methodCall>", "not XML"),
    (call_with("<array><data><value>" * 100000), "not XML"),
    (call_with("<array><data><value>" * 5000 + "</value></data></array>" * 5000), "nested deeper"),
    ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
     + "".join("<!ENTITY a%d '%s'>" % (i, "&a;" * 10) for i in range(9)) + "]>" + call_with("&a8;"), ""),
]:
    status, text = raw(body)
    assert status == 200 and "<fault>" in text and expected in text, (status, text[:300])

try:
    status, text = raw("x" * (17 << 20))
    assert status == 413, status
except (BrokenPipeError, ConnectionResetError):
    pass  # closed while the rest was still on its way

assert proxy.remove_all_servers() is None
assert proxy.server_list() == []
print("all right")
