"""Checks that what comments and pages refer to exists: files, sections of pages, sections of RFCs, and reasons of errors.

A file is a path from the repository's root, such as docs/errors.md, or the target of a link in Markdown. A section of a
page follows it as an anchor, such as docs/errors.md#reasons. A section of an RFC follows as in "RFC 9110 section 5.3" or
"RFC 9110, 5.3", and is listed below. A reason is a name in capitals that follows the word "reason" or a gRPC code in a
table, in a page or a client; server/docspace/error_reason.h has them all.

Prints a line for each reference that does not resolve, and exits with 1 if there is one."""

import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]

# Each RFC that is cited, and each of its sections that is. To cite another one, look it up and add it.
RFCS = {
    "850": {},  # Only as the name of a form of dates: RFC 9110 section 5.6.7 calls it "rfc850-date".
    "1035": {"4": "Messages"},
    "1951": {"3.2.6": "Compression with Fixed Huffman Codes"},
    "1952": {},  # GZIP file format specification
    "2068": {"19.7.1.1": "The Keep-Alive Header"},
    "2253": {},  # Only in the name of a flag of OpenSSL; RFC 4514 replaces it.
    "3339": {},  # Date and Time on the Internet: Timestamps
    "3629": {},  # UTF-8
    "3986": {"3.2.2": "Host"},
    "4007": {"11": "Textual Representation"},
    "4514": {},  # LDAP: String Representation of Distinguished Names
    "4648": {"4": "Base 64 Encoding", "10": "Test Vectors"},
    "5280": {"4.1.2.5": "Validity", "5": "CRL and CRL Extensions Profile"},
    "5234": {"B.1": "Core Rules"},
    "6066": {"3": "Server Name Indication"},
    "6265": {"4.1.1": "Syntax"},
    "6761": {},  # Special-Use Domain Names
    "7515": {"A.1": "Example JWS Using HMAC SHA-256"},
    "7519": {},  # JSON Web Token
    "7541": {
        "5.2": "String Literal Representation",
        "6.2.2": "Literal Header Field without Indexing",
        "A": "Static Table Definition",
    },
    "7617": {"2": "The 'Basic' Authentication Scheme"},
    "8259": {"8.1": "Character Encoding"},
    "8305": {"5": "Connection Attempts"},
    "8446": {"4.4.2": "Certificate"},
    "8470": {"5.2": "The 425 (Too Early) Status Code"},
    "9110": {
        "2.1": "Syntax Notation",
        "5": "Fields",
        "5.3": "Field Order",
        "5.5": "Field Values",
        "5.6.2": "Tokens",
        "5.6.7": "Date/Time Formats",
        "6.5.1": "Limitations on Use of Trailers",
        "7.2": "Host and :authority",
        "7.6.1": "Connection",
        "9.3.6": "CONNECT",
        "10.2.3": "Retry-After",
        "11.2": "Authentication Parameters",
        "12.5.1": "Accept",
        "12.5.3": "Accept-Encoding",
        "15.4.4": "303 See Other",
        "15.4.8": "307 Temporary Redirect",
        "15.4.9": "308 Permanent Redirect",
        "15.5.2": "401 Unauthorized",
        "15.5.10": "409 Conflict",
        "15.5.13": "412 Precondition Failed",
    },
    "9112": {
        "3": "Request Line",
        "3.2.1": "origin-form",
        "4": "Status Line",
        "5.1": "Field Line Parsing",
        "5.2": "Obsolete Line Folding",
        "6.1": "Transfer-Encoding",
        "6.2": "Content-Length",
        "6.3": "Message Body Length",
        "7.1": "Chunked Transfer Coding",
        "9.3": "Persistence",
        "11": "Security Considerations",
        "11.1": "Response Splitting",
        "11.2": "Request Smuggling",
    },
    "9113": {"6": "Frame Definitions", "6.5.2": "Defined Settings", "8.2.2": "Connection-Specific Header Fields"},
    "9525": {"1.2": "Applicability", "2": "Naming of Application Services", "6.3": "Matching the DNS Domain Name Portion"},
    "9562": {},  # Universally Unique IDentifiers
}

# The address that alerts give, before a path of this repository.
HOME = "https://docspace.dev/apikeys/"

# What is read: everything but what others made, and what lists references that are wrong on purpose.
NOT_READ = re.compile(r"third_party/|.*go\.sum$|.*[-.]lock(\.json)?$|.*\.(png|svg|der|pem|bin)$|tests/tools/|tests/fuzz/corpus/")
# Paths that a build makes, and those that stand for several.
NO_FILE = re.compile(r"server/admin/page\.h$|.*\b(LANGUAGE|PAGE)\b")

MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
# A path from the root, or one that begins with the way to the root; not a part of another path, address or pattern.
PATH = re.compile(
    r"(?<![\w./~$}{@-])(?:\.\.?/)*"
    r"(?P<path>(?:docs|server|client|tests|tools|bench|deploy|proto)/[\w./-]*\w\.(?:cc|h|py|sh|md|json|yaml|txt|proto|svg|png)"
    r"|(?:README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY)\.md(?=#))"
    r"(?:#(?P<anchor>[\w-]+))?(?![\w/*])"
)
RFC = re.compile(r"RFC ?(?P<number>\d+)(?:,? (?:section|appendix) (?P<section>[\dA-Z][\d.]*)|, (?P<list>\d+(?:\.\d+)+(?:, \d+(?:\.\d+)+)*))?")
ERROR_REASONS = "server/docspace/error_reason.h"
# Pages and clients, in which a reason is a literal that no compiler checks.
USES_REASONS = re.compile(r"README\.md$|docs/|client/|tests/contract/|deploy/|proto/")
# `reason == "X"`, `reason.equals("X")`, `reason in ("X", "Y")`, reason `X`, and what makes an ErrorInfo in a client's test.
REASON = re.compile(
    r"""(?:[Rr]eason\w*\(?\)?(?:\.equals\(|\s*[=!]==?\s*|\s+in\s+\(|:\s*|\s+(?:is\s+)?)|\binfo\(&?)"""
    r"""(?P<names>["'`][A-Z]{2,}(?:_[A-Z]+)*["'`](?:(?:,|,? or)\s*["'`][A-Z]{2,}(?:_[A-Z]+)*["'`])*)"""
)
# A row of a table whose first cell is a code and whose second has the reasons.
REASON_ROW = re.compile(r"(?m)^\| `[A-Z_]+`(?:, `[A-Z_]+`)* \| (?P<names>`[A-Z_]+`(?:, `[A-Z_]+`)*) \|")
UNNAMED_SECTION = re.compile(r"(?i)\bcontract(?:'s)? sections?\b|\bsections? \"")


def slug(heading):
    """Returns the anchor that forges make of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(text):
    """Returns the anchors of a page in Markdown."""
    found = {}
    for heading in re.findall(r"^#+ +(.*)$", re.sub(r"(?ms)^```.*?^```", "", text), re.MULTILINE):
        anchor = slug(heading)
        found[anchor] = found.get(anchor, -1) + 1
    repeated = {f"{anchor}-{n}" for anchor, times in found.items() for n in range(1, times + 1)}
    return set(found) | repeated | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def joined(text):
    """Returns `text` with the lines of each comment joined, so that a reference may go over the end of a line."""
    return re.sub(r"[ \t]*\n[ \t]*(?://|#|\*)?[ \t]*(?=\S)", " ", text)


class Repository:
    """The files to check, by their paths from the root. `texts` maps each path to its text, or to None for a file that
    exists and is not text."""

    def __init__(self, texts):
        self.texts = texts
        self.folders = {str(parent) for path in texts for parent in pathlib.PurePath(path).parents}

    def problem_of_target(self, path, anchor):
        """Returns why `path` with `anchor`, which may be None, does not resolve, or None if it does."""
        if path not in self.texts and path.rstrip("/") not in self.folders:
            return f"{path} does not exist"
        if anchor and path.endswith(".md") and anchor not in anchors(self.texts[path]):
            return f"{path} has no section #{anchor}"
        return None

    def problems(self, name):
        """Returns a line for each reference in the file `name` that does not resolve."""
        text = self.texts[name]
        found = []
        if name.endswith(".md"):
            for target in MARKDOWN_LINK.findall(re.sub(r"(?ms)^```.*?^```", "", text)):
                found.append(self.problem_of_link(name, target))
        flat = joined(text)
        for match in PATH.finditer(flat.replace(HOME, "")):
            if not NO_FILE.match(match["path"]):
                found.append(self.problem_of_target(match["path"], match["anchor"]))
        found += [problem_of_rfc(match) for match in RFC.finditer(flat)]
        if USES_REASONS.match(name) and ERROR_REASONS in self.texts:
            known = set(re.findall(r'"([A-Z_]+)"', self.texts[ERROR_REASONS]))
            named = {reason for match in [*REASON.finditer(flat), *REASON_ROW.finditer(text)] for reason in re.findall(r"[A-Z_]{2,}", match["names"])}
            found += [f"{reason} is no reason of {ERROR_REASONS}" for reason in sorted(named - known)]
        for match in UNNAMED_SECTION.finditer(flat):
            found.append(f"{match[0]!r} names no page: write docs/PAGE.md#SECTION")
        return [f"{name}: {problem}" for problem in dict.fromkeys(found) if problem]

    def problem_of_link(self, name, target):
        if re.match(r"[a-z]+:", target):
            return None
        path, _, anchor = urllib.parse.unquote(target).partition("#")
        whole = name
        if path:
            parts = []
            for part in [*pathlib.PurePath(name).parent.parts, *path.split("/")]:
                if part == ".." and parts:
                    parts.pop()
                elif part not in ("", "."):
                    parts.append(part)
            whole = "/".join(parts)
        return self.problem_of_target(whole, anchor)


def problem_of_rfc(match):
    number = match["number"]
    if number not in RFCS:
        return f"tools/check/lint/references.py does not know RFC {number}"
    cited = [match["section"].rstrip(".")] if match["section"] else (match["list"] or "").split(", ")
    unknown = [section for section in cited if section and section not in RFCS[number]]
    return f"tools/check/lint/references.py does not know section {', '.join(unknown)} of RFC {number}" if unknown else None


def repository():
    """Returns the repository as git lists it, with new files."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.splitlines()
    texts = {}
    for path in listed:
        if not (ROOT / path).is_file():
            continue
        try:
            texts[path] = None if NOT_READ.match(path) else (ROOT / path).read_text()
        except UnicodeDecodeError:
            texts[path] = None
    return Repository(texts)


def main():
    checked = repository()
    found = [problem for name, text in checked.texts.items() if text is not None for problem in checked.problems(name)]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
