"""Holds the code in docs/clients to what is compiled and run: each block of a page is lines that follow each
other in a file of that language's client, its example, its tests or its contract runner, however indented."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
# What a page's code may be taken from, where that is not client/PAGE.
FOLDERS = {"cpp": ["client/cpp", "tests/client/cpp"]}
# Blocks of commands and of plain text are nobody's code.
NOT_CODE = {"", "sh", "console", "text", "json"}
GENERATED = {"node_modules", "dist", "gen", "v1", "target"}


def lines(text):
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


def sources(page):
    folders = [*FOLDERS.get(page.stem, [f"client/{page.stem}"]), f"tests/contract/{page.stem}"]
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not GENERATED & set(path.relative_to(ROOT).parts):
                yield "\n".join(["", *lines(path.read_text(errors="replace")), ""])


def main():
    failed = False
    for page in sorted((ROOT / "docs/clients").glob("*.md")):
        texts = list(sources(page))
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        code = [block for language, block in blocks if language not in NOT_CODE]
        if not code:
            print(f"{page.name} shows no code", file=sys.stderr)
            failed = True
        for block in code:
            if not any("\n".join(["", *lines(block), ""]) in text for text in texts):
                print(f"{page.name} shows what nothing runs:\n{block}", file=sys.stderr)
                failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
