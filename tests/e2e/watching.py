"""What is looked for on every page: errors, foreign requests, broken policy or layout, barriers, foreign words."""

import re
from functools import cache

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REFUSED = re.compile(r"Failed to load resource: .* status of (409|422)")

# Latin words that Chinese pages may show: formats, names of things and of people, what the demo store has.
LATIN = set(
    re.findall(
        r"\w+",
        "English Storeboard SHA SKU PDF PNG JPG JPEG WebP GIF CSV xlsx ZIP zip URL ID KB MB px Enter Esc https http "
        "www example com Excel xls Chromium HeadlessChrome Linux test admin design storeboard shanyeguoji "
        "sku id Id DSR cs finance logistics purchasing",
    )
)
NO_WORDS = re.compile(r"\S*\d\S*|\b[a-f]{8}\b|\S+@\S+|\S+\.(csv|png|jpg|xlsx)")  # numbers, hashes, files
VISIBLE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("script, style, code, kbd, [lang=en], .mono, #f-time_zone, .clip")) continue;
    if (node.textContent.trim()) found.push(node.textContent.trim());
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const each of document.querySelectorAll(`[${name}]`)) found.push(each.getAttribute(name));
  return found;
}"""
BEYOND = """() => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth <= innerWidth) return [];
  const all = [...document.querySelectorAll("main *, .top *")];
  const beyond = all.filter((each) => each.getBoundingClientRect().right > innerWidth);
  return [scrollWidth, ...beyond.slice(0, 5).map((e) => `${e.tagName}.${e.className}`)];
}"""

BUSY = 'document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling") !== null'


class Watch:
    """Notes what a browser profile did that no page of ours makes it do."""

    def __init__(self, profile, address):
        self.faults = []
        self.running = set()
        self._address = address
        profile.on("console", self._console)
        profile.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        profile.on("dialog", self._dialog)
        profile.on("request", self._request)
        profile.on("response", self._response)
        profile.on("requestfinished", self._ended)
        profile.on("requestfailed", self._ended)
        profile.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error(e.violatedDirective, e.blockedURI))"
        )

    def _console(self, message):
        if message.type == "error" and not REFUSED.search(message.text):
            self.faults.append(f"console: {message.text}")

    def _dialog(self, dialog):
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def settle(self, page):
        """Wait until nothing is being fetched or put in; quicker than Playwright's half second of silence."""
        while page.evaluate(BUSY) or self.running:
            page.wait_for_timeout(10)

    def _ended(self, request):
        self.running.discard(request)

    def _request(self, request):
        self.running.add(request)
        if not request.url.startswith((self._address, "data:", "about:")):
            self.faults.append(f"foreign: {request.url}")

    def _response(self, response):
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")


@cache
def _axe():
    return Axe()


def barriers(page, contrast=True):
    """What axe finds on the page, one line each. Contrast takes two thirds of the time, and no language changes it."""
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = _axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"[:400] for rule in found for node in rule["nodes"]
    ]


def overflow(page):
    """What reaches beyond the window's edge, if the page scrolls sideways."""
    return page.evaluate(BEYOND)


def untranslated(page, entered=()):
    """Words of another script on a Chinese page that nobody entered."""
    known = LATIN | {word for text in entered for word in re.findall(r"[A-Za-z]+", str(text))}
    texts = {NO_WORDS.sub("", text) for text in page.evaluate(VISIBLE)}
    return sorted({text for text in texts if set(re.findall("[A-Za-z]{2,}", text)) - known})
