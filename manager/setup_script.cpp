#include "manager/setup_script.hpp"

#include "wire/message.hpp"

namespace csim {
namespace {

constexpr std::string_view script_head =
    R"py(# Makes this server a storage server of the manager that served this script.
import json
import os
import socket
import ssl
import subprocess
try:
    from urllib.request import Request, urlopen
except ImportError:
    from urllib2 import Request, urlopen

FACTS = json.loads(r''')py";

constexpr std::string_view script_tail = R"py(''')
FOLDER = "/var/lib/chroma"
FQDN = socket.getfqdn()


def path(name):
    return os.path.join(FOLDER, name)


def store(name, text, mode=0o644):
    descriptor = os.open(path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as target:
        target.write(text)


def attempt(*command):
    with open(os.devnull, "w") as nowhere:
        return subprocess.call(command, stdout=nowhere, stderr=nowhere)


def certificate_request():
    if subprocess.call(["openssl", "genrsa", "-out", path("private.pem"), "2048"]) != 0:
        raise SystemExit("openssl could not make a key")
    os.chmod(path("private.pem"), 0o600)
    command = ["openssl", "req", "-new", "-sha256", "-subj", "/CN=" + FQDN, "-key", path("private.pem")]
    return subprocess.check_output(command).decode("ascii").strip()


def register():
    body = {"fqdn": FQDN, "nodename": os.uname()[1], "address": socket.gethostbyname(socket.gethostname()),
            "version": 0, "capabilities": [], "csr": certificate_request()}
    context = ssl.create_default_context(cafile=path("authority.crt"))
    context.check_hostname = False
    request = Request(FACTS["manager_url"] + "agent/register/" + FACTS["secret"] + "/",
                      json.dumps(body).encode("ascii"), {"Content-Type": "application/json"})
    reply = urlopen(request, context=context).read().decode("utf-8")
    return json.loads(reply.splitlines()[0])


def install():
    packages = ["chroma-agent"]
    if FACTS["profile"].get("managed"):
        packages.append("chroma-agent-management")
    if attempt("yum", "install", "-y", *packages) != 0:
        raise SystemExit("the packages %s could not be installed" % " ".join(packages))
    attempt("chroma-agent", "set_server_url", "--url", FACTS["manager_url"] + "agent/")
    attempt("chroma-agent", "set_profile", "--profile_json", json.dumps(FACTS["profile"]))
    attempt("systemctl", "enable", "chroma-agent")
    attempt("systemctl", "start", "chroma-agent")


attempt("date", "-s", "@%d" % FACTS["epoch_seconds"])
attempt("systemctl", "stop", "chroma-agent")
if not os.path.isdir(FOLDER):
    os.makedirs(FOLDER, 0o755)
store("authority.crt", FACTS["authority_certificate"])
registered = register()
store("self.crt", registered["certificate"])
install()
print(json.dumps({"host_id": registered["host_id"], "command_id": registered["command_id"]}))
)py";

/// JSON that may stand in a Python literal in triple single quotes.
std::string without_quotes(const std::string& json) {
    std::string text;
    for (const char c : json) text += c == '\'' ? std::string("\\u0027") : std::string(1, c);
    return text;
}

}  // namespace

std::string setup_script(const SetupFacts& facts) {
    std::string json = R"({"authority_certificate": )";
    append_json_string(json, facts.authority_certificate);
    json += R"(, "manager_url": )";
    append_json_string(json, facts.manager_url);
    json += R"(, "secret": )";
    append_json_string(json, facts.secret);
    json += R"(, "profile": )" + facts.profile_json;
    json += R"(, "epoch_seconds": )" + std::to_string(facts.now.unix_ns() / 1'000'000'000) + "}";
    return std::string(script_head) + without_quotes(json) + std::string(script_tail);
}

}  // namespace csim
