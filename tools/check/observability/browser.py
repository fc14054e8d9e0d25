"""Controls a headless Chromium by ChromeDriver's own protocol (W3C WebDriver)."""

import base64
import json
import subprocess
import tempfile
import time
import urllib.request

# Chromium sends nothing to its vendor, and uses neither a GPU nor namespaces of its own, because it only opens
# the page under test.
_ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars",
]


class Browser:
    """A browser that ends with its `with` block."""

    def __init__(self, width=1280, height=900, dark=False):
        self._profile = tempfile.TemporaryDirectory()
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self._driver.stdout:
            if "started successfully on port" in line:
                self._url = "http://127.0.0.1:" + line.rsplit("port ", 1)[1].strip().rstrip(".")
                break
        else:
            raise RuntimeError("chromedriver does not start")
        arguments = _ARGUMENTS + [f"--user-data-dir={self._profile.name}", f"--window-size={width},{height}"]
        options = {"args": arguments, "binary": "/usr/bin/chromium"}
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL"}}
        session = self._ask("/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]
        self._url += f"/session/{session}"
        if dark:
            self._devtools("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            urllib.request.urlopen(urllib.request.Request(self._url, method="DELETE"), timeout=10).read()
        finally:
            self._driver.terminate()
            self._driver.wait()
            self._profile.cleanup()

    def _ask(self, path, body):
        request = urllib.request.Request(self._url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def _devtools(self, command, parameters):
        return self._ask("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self._ask("/url", {"url": url})

    def run(self, script):
        """Returns the result of the JavaScript."""
        return self._ask("/execute/sync", {"script": script, "args": []})

    def wait(self, script, seconds=60):
        """Repeats the script until it returns a true value."""
        until = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > until:
                raise AssertionError(f"never true: {script}")
            time.sleep(0.1)

    def complaints(self):
        """Returns the messages of the browser's console, such as violations of the page's policy."""
        return [entry["message"] for entry in self._ask("/se/log", {"type": "browser"})]

    def picture(self, path):
        """Takes a picture of the whole page."""
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return window.innerWidth")
        self._devtools("Emulation.setDeviceMetricsOverride",
                       {"width": width, "height": height, "deviceScaleFactor": 1.5, "mobile": False})
        shot = self._devtools("Page.captureScreenshot", {})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
