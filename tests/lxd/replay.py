#!/usr/bin/env python3
"""Replays recorded exchanges of a real LXD against a simulated one: replay.py CAPTURES SOCKET.

Compares status codes, the words of errors and the shape of answers (keys and types). Ids, secrets and
fingerprints of the recording are replaced by those of the simulation as they come up. Exits with 1 and a list
when an answer has another shape for no reason that is written down in EXPECTED.
"""
import base64
import glob
import http.client
import io
import json
import os
import re
import socket
import struct
import sys
import tarfile

CAPTURES, SOCKET = sys.argv[1], sys.argv[2]
FINGERPRINT = 'f4d2c836f3578496a1774cb4807a8f5bb9dbf8aa34d23ff6ad989bebec9a3780'
SENT = ('content-type', 'if-match', 'x-lxd-filename', 'x-lxd-type', 'x-lxd-mode', 'x-lxd-uid', 'x-lxd-gid')
NOT_COMPARED = ('date', 'transfer-encoding', 'content-length', 'last-modified', 'accept-ranges', 'connection',
                'x-content-type-options')
# What is different because the recorded host was another machine, had a listener or was used by others meanwhile.
EXPECTED = [
    (r'GET /1.0$', r'/environment/addresses'),
    (r'GET /1.0/resources', r'/(cache|cards|devices|disks|chassis|motherboard|firmware)'),
    (r'GET /1.0/networks\?recursion=1', r'/metadata: length'),
    (r'GET /1.0/operations', r'/(failure|running|success)'),
    (r'GET /1.0/instances/c1$', r'volatile.idmap.current'),
    (r'GET /1.0/certificates', r'/metadata: length'),
    (r'PUT /1.0/instances/e1', r"ETag doesn't match"),
    (r'GET /1.0/operations/', r'already stopped'),
]
names = {}


class Connection(http.client.HTTPConnection):
    def __init__(self):
        super().__init__('lxd', timeout=60)

    def connect(self):
        self.sock = open_socket()


def open_socket():
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(60)
    made.connect(SOCKET)
    return made


def ask(method, target, body=None, headers={}):
    connection = Connection()
    connection.request(method, target, body=body, headers=headers)
    reply = connection.getresponse()
    content = reply.read()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, content


def frame(kind, payload):
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0x80 | 126]) + struct.pack('>H', len(payload))
    return bytes([0x80 | kind]) + size + bytes(4) + payload


def join(target, frames):
    """Opens a WebSocket and says what its recorded client said."""
    made = open_socket()
    key = base64.b64encode(os.urandom(16)).decode()
    made.sendall((f'GET {target} HTTP/1.1\r\nHost: lxd\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
                  f'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n').encode())
    head = b''
    while b'\r\n\r\n' not in head:
        more = made.recv(1)
        if not more:
            break
        head += more
    for each in frames:
        if each['dir'] == 'client' and each['opcode'] in (1, 2):
            payload = each['payload']
            made.sendall(frame(each['opcode'], (payload if isinstance(payload, str) else json.dumps(payload)).encode()))
    return made, int(head.split()[1])


def image():
    made = io.BytesIO()
    archive = tarfile.open(fileobj=made, mode='w:gz')

    def add(name, content=None):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = (tarfile.DIRTYPE, 0o755) if content is None else (tarfile.REGTYPE, 0o644)
        entry.size = len(content or b'')
        archive.addfile(entry, io.BytesIO(content or b''))
    add('metadata.yaml', b'architecture: x86_64\ncreation_date: 1428421302\nproperties:\n  architecture: x86_64\n'
        b'  description: busybox test\n  os: busybox\n  release: "1"\n')
    for folder in ('', '/etc', '/root', '/tmp', '/bin'):
        add('rootfs' + folder)
    for name in ('issue', 'group', 'passwd'):
        add('rootfs/etc/' + name, b'Ubuntu 14.04.2 LTS \\n \\l\n')
    archive.close()
    return made.getvalue()


def renamed(text):
    for recorded, ours in names.items():
        text = text.replace(recorded, ours)
    return text


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def compare(path, recorded, ours, found):
    if type(recorded) is not type(ours) and not (is_number(recorded) and is_number(ours)):
        found.append(f'{path}: {json.dumps(recorded)[:80]} vs ours {json.dumps(ours)[:80]}')
    elif isinstance(recorded, dict):
        for key in sorted(set(recorded) | set(ours)):
            if key not in ours or key not in recorded:
                found.append(f'{path}/{key}: only {"recorded" if key in recorded else "ours"}')
            else:
                compare(f'{path}/{key}', recorded[key], ours[key], found)
    elif isinstance(recorded, list):
        if recorded and ours:
            compare(path + '/0', recorded[0], ours[0], found)
        elif recorded or ours:
            found.append(f'{path}: length {len(recorded)} vs ours {len(ours)}')
    elif isinstance(recorded, str) and path.endswith(('/error', '/err', '/status')) and recorded != ours:
        found.append(f'{path}: {recorded!r} vs ours {ours!r}')


def settled(answer):
    """An operation may be further on than the recorded one was."""
    metadata = answer.get('metadata')
    if isinstance(metadata, dict) and 'may_cancel' in metadata:
        metadata['status'] = metadata['metadata'] = 0
        metadata['err'] = metadata['err'] if metadata['status_code'] == 400 else ''
    if isinstance(metadata, dict) and 'api_extensions' in metadata:
        metadata['api_extensions'] = []
    return answer


def differences(recorded, status, headers, content):
    found = [] if status == recorded['status'] else [f'status {recorded["status"]} vs ours {status}']
    body = recorded.get('body')
    try:
        ours = json.loads(content)
    except ValueError:
        ours = content.decode('latin1')
    if isinstance(body, dict) and isinstance(ours, dict):
        compare('', settled(json.loads(json.dumps(body))), settled(json.loads(json.dumps(ours))), found)
    elif isinstance(body, (dict, str)) and body != ours:
        found.append(f'body {str(body)[:60]!r} vs ours {str(ours)[:60]!r}')
    found += [f'header {name}: only recorded' for name in recorded['headers']
              if name.lower() not in headers and name.lower() not in NOT_COMPARED]
    return found, ours


def learn(recorded, headers, ours):
    location = recorded['headers'].get('Location', '')
    if '/operations/' in location and 'location' in headers:
        names[location.split('/')[-1]] = headers['location'].split('/')[-1]
        fds = (recorded['body']['metadata'].get('metadata') or {}).get('fds', {})
        for fd, secret in fds.items():
            names[secret] = ours['metadata']['metadata']['fds'][fd]
        if ours['metadata']['class'] == 'task':
            ask('GET', headers['location'] + '/wait?timeout=10')
    if 'Etag' in recorded['headers'] and 'etag' in headers:
        names[recorded['headers']['Etag']] = headers['etag']


def finish(method, target, body=None):
    status, headers, _ = ask(method, target, body and json.dumps(body))
    if status == 202:
        ask('GET', headers['location'] + '/wait')


def launch(name):
    source = {'type': 'image', 'alias': 'busybox'}
    finish('POST', '/1.0/instances', {'name': name, 'source': source})
    finish('PUT', f'/1.0/instances/{name}/state', {'action': 'start'})


def main():
    exchanges, frames, launched, bad = [], {}, set(), 0
    for path in glob.glob(CAPTURES + '/*.json'):
        name = os.path.basename(path)[:-5]
        for each in json.load(open(path)).get('exchanges', []):
            exchanges.append((each.get('t', 0), each.get('n', 0), name, each))
    exchanges.sort(key=lambda each: each[:2])
    for _, _, name, each in exchanges:
        if 'ws_of' in each:
            frames.setdefault((name, each['ws_of']), []).append(each)
    sockets, count = [], 0
    for _, _, name, each in exchanges:
        if 'ws_of' in each or not each['response']:
            continue
        request, recorded = each['request'], each['response']
        target = renamed(request['target'])
        if recorded['status'] == 101:
            if '/events' not in target:
                sockets.append(join(target, frames.get((name, each['n']), [])))
                count += 1
                if sockets[-1][1] != 101:
                    bad += 1
                    print(f'{name}: GET {target}: status {sockets[-1][1]} instead of 101')
            continue
        for instance in ('e1', 'e2', 'z1', 'w1'):
            mark = (instance, name[:3])
            if f'/instances/{instance}' in target and name.startswith(('raw', 'exec-sleep', 'stop-')) \
                    and mark not in launched and ask('GET', '/1.0/instances/' + instance)[0] == 404:
                launched.add(mark)
                launch(instance)
        if name == 'raw-delete-running':
            launch('e1')
        if name == 'events-stream' and name not in launched:
            launched.add(name)
            finish('DELETE', '/1.0/instances/e1')
        body = request['body']
        uploads = isinstance(body, dict) and 'binary_bytes' in body
        if uploads:
            body = image()
        elif isinstance(body, (dict, list)):
            body = renamed(json.dumps(body))
        sent = {key: renamed(value) for key, value in request['headers'].items() if key.lower() in SENT}
        status, headers, content = ask(request['method'], target, body, sent)
        found, ours = differences(recorded, status, headers, content)
        learn(recorded, headers, ours)
        if uploads:
            names[FINGERPRINT] = json.loads(ask('GET', '/1.0/images')[2])['metadata'][-1].split('/')[-1]
        line = f'{request["method"]} {target}'
        found = [one for one in found
                 if not any(re.search(where, line) and re.search(what, one) for where, what in EXPECTED)]
        count += 1
        if found:
            bad += 1
            print(f'{name}: {line}')
            for one in found[:5]:
                print('    ' + one)
    print(f'{count} exchanges, {bad} with another shape')
    return 1 if bad or not count else 0


sys.exit(main())
