"""Checks a gateway's status page in a browser while it is called: status_page.py ADMIN_ADDRESS [PICTURE]."""

import sys

from browser import Browser

# Returns the cells of a table's row, by the text of its first cell.
ROW = """
const rows = [...document.querySelectorAll('#%s tbody tr')];
const row = rows.find((each) => each.cells[0].textContent === '%s');
return row ? [...row.cells].map((cell) => cell.textContent) : null;
"""

# Returns the texts with less contrast than WCAG 2.2 requires (1.4.3).
FAINT = """
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const linear = (value) => value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
const behind = (element) => {
  for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const contrast = (element) => {
  const [dark, light] = [behind(element), channels(getComputedStyle(element).color)].map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const speaks = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
return [...document.querySelectorAll('body *')].filter((each) => speaks(each) && each.offsetParent)
  .filter((each) => contrast(each) < 4.5).map((each) => each.textContent.trim() + ' ' + contrast(each).toFixed(1));
"""


def check(browser):
    browser.wait("return document.getElementById('state').textContent === 'ready'")
    browser.wait("return parseFloat(document.getElementById('calls').textContent) > 0")
    browser.wait("return document.getElementById('errors').textContent.includes('UNAUTHENTICATED')")
    methods = browser.run("return [...document.querySelectorAll('#methods tbody td:first-child')]"
                          ".map((cell) => cell.textContent)")
    assert methods == ["CreateApiKey", "DeleteApiKey", "GetAllPermissions", "GetApiKey", "GetApiKeys",
                       "UpdateApiKey"], methods
    # A method has a latency once two updates of the page have a call of it between them.
    browser.wait("return [...document.querySelectorAll('#methods tbody tr')].some((row) =>"
                 " row.cells[0].textContent === 'GetApiKeys' && row.cells[4].textContent.endsWith('s'))")
    listed = browser.run(ROW % ("methods", "GetApiKeys"))
    assert int(listed[7].replace(",", "")) > 0 and listed[4].endswith("s"), listed
    portal = browser.run(ROW % ("portals", "default"))
    assert portal[1] == "closed" and int(portal[3]) > 0, portal
    browser.wait("return document.querySelectorAll('#calls-spark .line')[0].getAttribute('d').split('L').length > 2")
    errors = browser.run("return [...document.querySelectorAll('#errors tbody tr')]"
                         ".map((row) => [...row.cells].map((cell) => cell.textContent))")
    unknown_key = [cells for cells in errors if cells[1:5] == ["GetApiKey", "UNAUTHENTICATED", "UNAUTHENTICATED", "401"]]
    assert unknown_key and len(unknown_key[0][5]) > 8, errors
    reasons = browser.run("return [...document.querySelectorAll('#reasons li span:first-child')].map((e) => e.textContent)")
    assert "UNAUTHENTICATED" in reasons, reasons
    # An update of the page moves nothing.
    tops = "return [...document.querySelectorAll('section')].map((each) => each.getBoundingClientRect().top)"
    before = browser.run(tops)
    uptime = browser.run("return document.getElementById('uptime').textContent")
    browser.wait(f"return document.getElementById('uptime').textContent !== '{uptime}'")
    assert browser.run(tops) == before, before
    faint = browser.run(FAINT)
    assert not faint, faint
    # At the width of a telephone the page does not scroll sideways.
    assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
    loaded = browser.run("return performance.getEntriesByType('resource').map((e) => new URL(e.name).origin)")
    assert set(loaded) == {browser.run("return location.origin")}, loaded
    assert not browser.complaints(), browser.complaints()


def main(address, picture=None):
    url = f"http://{address}/"
    if picture:
        with Browser(width=1240) as browser:
            browser.open(url)
            browser.wait("return document.querySelector('#calls-spark .line')?.getAttribute('d').split('L').length > 58",
                         seconds=180)
            browser.picture(picture)
        return
    for width, dark in ((1280, False), (520, True)):
        with Browser(width=width, dark=dark) as browser:
            browser.open(url)
            assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches") == dark
            check(browser)
            print(f"{width} pixels wide, {'dark' if dark else 'light'}: no problem")


main(*sys.argv[1:])
