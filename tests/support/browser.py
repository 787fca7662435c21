"""A real browser, headless, driven by WebDriver: what it shows, what it complained of, and every
address it asked."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

import processes

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-dev-shm-usage"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def is_there():
    return shutil.which("chromium") and shutil.which("chromedriver")


class Browser:
    def __init__(self, driver):
        self.driver = driver
        self.session = None

    def order(self, method, path, **body):
        request = urllib.request.Request(
            f"{self.driver}/session{path}", method=method,
            data=json.dumps(body).encode() if method == "POST" else None)
        try:
            with urllib.request.urlopen(request, timeout=4 * processes.PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from error

    def of_session(self, method, path, **body):
        return self.order(method, f"/{self.session}{path}", **body)

    def start(self, profile):
        made = self.order("POST", "", capabilities={"alwaysMatch": {
            "goog:chromeOptions": {"binary": shutil.which("chromium"),
                                   "args": [*FLAGS, f"--user-data-dir={profile}"]},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}})
        self.session = made["sessionId"]

    def go(self, url):
        self.of_session("POST", "/url", url=url)

    def find(self, css):
        return self.of_session("POST", "/element", using="css selector", value=css)[ELEMENT]

    def text(self, css="body"):
        return self.of_session("GET", f"/element/{self.find(css)}/text")

    def choose(self, css):
        """A click that leads nowhere."""
        self.of_session("POST", f"/element/{self.find(css)}/click")

    def press(self, css):
        """A click that leads to another page, once that is there."""
        self.run("window.isLeft = true")
        self.choose(css)
        processes.until(lambda: self.run("return !window.isLeft && document.readyState == 'complete'"),
                        f"{css} leads to a page")

    def write(self, css, text):
        element = self.find(css)
        self.of_session("POST", f"/element/{element}/clear")
        self.of_session("POST", f"/element/{element}/value", text=text)

    def run(self, script):
        return self.of_session("POST", "/execute/sync", script=script, args=[])

    def tell_engine(self, command, **parameters):
        """A command of the DevTools protocol."""
        return self.of_session("POST", "/goog/cdp/execute", cmd=command, params=parameters)

    def look_like(self, width, height, scheme="light"):
        self.tell_engine("Emulation.setDeviceMetricsOverride", width=width, height=height,
                         deviceScaleFactor=1, mobile=width < 600)
        self.tell_engine("Emulation.setEmulatedMedia",
                         features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path):
        """A PNG of the whole page."""
        shot = self.tell_engine("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self):
        """Errors and warnings of the console: those of the policy are among them."""
        return [line["message"] for line in self.of_session("POST", "/se/log", type="browser")
                if line["level"] in ("SEVERE", "WARNING")]

    def asked(self):
        """Every address that was asked for, but for the browser's own pages."""
        lines = self.of_session("POST", "/se/log", type="performance")
        told = [json.loads(line["message"])["message"] for line in lines]
        return [one["params"]["request"]["url"] for one in told
                if one["method"] == "Network.requestWillBeSent" and
                not one["params"]["request"]["url"].startswith("chrome:")]


@contextlib.contextmanager
def browsing():
    port = processes.free_port()
    with tempfile.TemporaryDirectory(prefix="postroom-browser-",
                                     ignore_cleanup_errors=True) as profile, processes.running(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL):
        processes.until(lambda: processes.listens("127.0.0.1", port), "the driver listens")
        browser = Browser(f"http://127.0.0.1:{port}")
        browser.start(profile)
        try:
            yield browser
        finally:
            browser.of_session("DELETE", "")
