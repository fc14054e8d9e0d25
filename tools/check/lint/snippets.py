"""Checks the code in docs/clients and in the README of each client.

Each block must be a whole function (or several, or a whole file) of a program that is compiled and run: that
language's client, its example, its tests or its contract runner, in any indentation. Blank lines, the end of the
file or the end of the enclosing class must surround it there.

The table of promises in docs/clients.md must name cases of the contract suite, so the program checks them too."""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
# The folders with a language's code, if they are not client/LANGUAGE.
FOLDERS = {"cpp": ["client/cpp", "tests/client/cpp"]}
# Blocks of commands and of plain text are no code.
NOT_CODE = {"", "sh", "console", "text", "json"}
GENERATED = {"node_modules", "dist", "gen", "v1", "target"}


def lines(text):
    return [line.strip() for line in text.splitlines()]


def is_whole(block, text):
    """Whether the lines of `block` follow each other in those of `text`, between blank lines or ends."""
    for start in range(len(text) - len(block) + 1):
        if text[start : start + len(block)] == block:
            before = text[start - 1] if start else ""
            after = text[start + len(block)] if start + len(block) < len(text) else ""
            if before == "" and after in ("", "}"):
                return True
    return False


def unknown_cases():
    """The names of cases in the table of promises that the contract suite does not have."""
    table = (ROOT / "docs/clients.md").read_text().partition("## What every client promises")[2].partition("\n## ")[0]
    named = re.findall(r'"([^"\n]+)"', table)
    cases = {case["name"] for case in json.loads((ROOT / "tests/contract/cases.json").read_text())}
    return [name for name in named if name not in cases] if named else ["any case"]


def sources(language):
    folders = [*FOLDERS.get(language, [f"client/{language}"]), f"tests/contract/{language}"]
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".md" and not GENERATED & set(path.relative_to(ROOT).parts):
                yield lines(path.read_text(errors="replace"))


def main():
    failed = False
    pages = [(page, page.stem) for page in sorted((ROOT / "docs/clients").glob("*.md"))]
    pages += [(page, page.parent.name) for page in sorted((ROOT / "client").glob("*/README.md"))]
    for page, language in pages:
        name = page.relative_to(ROOT)
        texts = list(sources(language))
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        code = [block for language, block in blocks if language not in NOT_CODE]
        if not code:
            print(f"{name} shows no code", file=sys.stderr)
            failed = True
        for block in code:
            if not any(is_whole(lines(block), text) for text in texts):
                print(f"{name} shows code that is no whole function of a program:\n{block}", file=sys.stderr)
                failed = True
    for case in unknown_cases():
        print(f"docs/clients.md names a case that the contract suite does not have: {case}", file=sys.stderr)
        failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
