"""A headless Chromium, spoken to by the DevTools protocol over pipes. The standard library alone."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path():
    """The browser, or None. A wrapper that only tells of a snap is none."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            try:
                done = subprocess.run([found, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and b"hrom" in done.stdout:
                return found
    return None


class Browser:
    """One page. `events` holds what the browser told: console messages, exceptions, requests."""

    def __init__(self, program, width=1100, height=900):
        self.folder = tempfile.mkdtemp(prefix="lrs-html-")
        to_read, self.to = os.pipe()
        self.of, to_write = os.pipe()

        def wire():
            a, b = fcntl.fcntl(to_read, fcntl.F_DUPFD, 10), fcntl.fcntl(to_write, fcntl.F_DUPFD, 10)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--hide-scrollbars", "--force-device-scale-factor=1", f"--user-data-dir={self.folder}",
             f"--window-size={width},{height}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=wire, pass_fds=(3, 4), start_new_session=True,
            env=dict(os.environ, HOME=self.folder))
        os.close(to_read)
        os.close(to_write)
        self.number, self.buffer, self.session, self.events = 0, b"", None, []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def _message(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.of], [], [], max(deadline - time.monotonic(), 0))
            data = os.read(self.of, 1 << 16) if ready else b""
            if not data:
                raise RuntimeError("the browser does not answer")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 120
        while True:
            got = self._message(deadline)
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def wait(self, method):
        deadline = time.monotonic() + 120
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self._message(deadline))

    def open(self, file):
        self.events.clear()
        self.send("Page.navigate", url="file://" + os.path.abspath(file))
        self.wait("Page.loadEventFired")

    def js(self, expression):
        done = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def mouse(self, kind, x, y, **more):
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def key(self, key, code=None, text=None):
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, **more)

    def screenshot(self):
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def problems(self):
        """What a page should not do: exceptions, errors in the console, requests but for itself."""
        found = []
        for e in self.events:
            if e.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(e["params"]["exceptionDetails"])[:2000])
            elif e.get("method") == "Runtime.consoleAPICalled":
                found.append(json.dumps(e["params"]["args"])[:500])
            elif e.get("method") == "Log.entryAdded":
                found.append(e["params"]["entry"]["text"])
            elif e.get("method") == "Network.requestWillBeSent" and e["params"].get("type") != "Document":
                found.append("request of " + e["params"]["request"]["url"])
        return found

    def close(self):
        try:
            self.session = None
            self.send("Browser.close")
        except (RuntimeError, OSError):
            pass
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.of)
        shutil.rmtree(self.folder, ignore_errors=True)
