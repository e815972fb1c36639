#!/usr/bin/env python3
"""Looks at a page with a real browser, as a person would, and tells what it shows.

usage: page_check.py CHROMIUM URL PROFILE_FOLDER [--dark] [--size WxH] [--shot FILE] EXPECTATION…

Waits for each EXPECTATION in turn (a text that the page must show; with `!` before it, one that it must not show any
more), printing `seen EXPECTATION`. Then fails if the page reported an error or asked for anything from elsewhere.
Ends with status 1 and a sentence when something is not as it should be, with 3 when the browser cannot be used. Speaks the DevTools protocol over a pipe.
"""

import base64
import json
import os
import select
import subprocess
import sys
import time
import urllib.parse

PATIENCE_SECONDS = 60
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--ignore-certificate-errors", "--remote-debugging-pipe"]


class Browser:
    """A browser of our own, with one page. Ended with this object."""

    def __init__(self, program, profile, size):
        to_browser, self.out = os.pipe()
        self.inn, from_browser = os.pipe()

        def take_pipes():
            # The browser reads from descriptor 3 and writes to 4. The copies keep the two from treading on each other.
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        words = [program, *FLAGS, f"--user-data-dir={profile}", f"--window-size={size.replace('x', ',')}", "about:blank"]
        self.process = subprocess.Popen(words, preexec_fn=take_pipes, close_fds=False, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b"", 0, None
        self.requests, self.errors = [], []
        self.usable = False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.usable = True
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(domain + ".enable")

    def close(self):
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait()

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        try:
            os.write(self.out, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            self.fail("the browser has ended by itself")
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            told = self.receive(end)
            if told.get("id") == self.number:
                if "error" in told:
                    sys.exit(f"page_check: {method}: {told['error']['message']}")
                return told["result"]
            self.note(told)

    def receive(self, end):
        while b"\0" not in self.buffer:
            if not select.select([self.inn], [], [], max(0, end - time.monotonic()))[0]:
                self.fail("the browser does not answer")
            part = os.read(self.inn, 1 << 16)
            if not part:
                self.fail("the browser has ended by itself")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def fail(self, sentence):
        self.close()
        print("page_check:", sentence, file=sys.stderr)
        sys.exit(1 if self.usable else 3)

    def note(self, told):
        parameters = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        if told.get("method") == "Runtime.exceptionThrown":
            self.errors.append(parameters["exceptionDetails"].get("text", "an exception"))
        if told.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])

    def evaluate(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]
        return result.get("value")


def shows(page, expectation):
    text = page.evaluate("document.body ? document.body.innerText : ''") or ""
    return expectation[1:] not in text if expectation.startswith("!") else expectation in text


def wait_for(page, expectation):
    end = time.monotonic() + PATIENCE_SECONDS
    while not shows(page, expectation):
        if time.monotonic() > end:
            sys.exit(f"page_check: waited in vain for '{expectation}' in:\n{page.evaluate('document.body.innerText')}")
        time.sleep(0.1)
    print("seen", expectation, flush=True)


def main(arguments):
    program, url, profile, *rest = arguments
    options = {"--size": "1400x1100", "--shot": None}
    dark = "--dark" in rest
    expectations = []
    words = iter(word for word in rest if word != "--dark")
    for word in words:
        if word in options:
            options[word] = next(words)
        else:
            expectations.append(word)
    page = Browser(program, profile, options["--size"])
    try:
        if dark:
            page.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        page.ask("Page.navigate", url=url)
        for expectation in expectations:
            wait_for(page, expectation)
        if options["--shot"]:
            picture = page.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            with open(options["--shot"], "wb") as file:
                file.write(base64.b64decode(picture))
        origin = urllib.parse.urlsplit(url).netloc
        strangers = [each for each in page.requests
                     if urllib.parse.urlsplit(each).netloc != origin and not each.startswith(("data:", "about:"))]
        if strangers:
            sys.exit(f"page_check: the page asks for things from elsewhere: {strangers}")
        if page.errors:
            sys.exit(f"page_check: the page reports errors: {page.errors}")
    finally:
        page.close()


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1:])
