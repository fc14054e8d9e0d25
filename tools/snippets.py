"""Checks that the code in docs/clients and in the README of each client is compiled and run: the lines of each block
follow each other in a file of that language's client, its example, its tests or its contract runner, in any
indentation."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
# The folders with a language's code, if they are not client/LANGUAGE.
FOLDERS = {"cpp": ["client/cpp", "tests/client/cpp"]}
# Blocks of commands and of plain text are no code.
NOT_CODE = {"", "sh", "console", "text", "json"}
GENERATED = {"node_modules", "dist", "gen", "v1", "target"}


def lines(text):
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


def sources(language):
    folders = [*FOLDERS.get(language, [f"client/{language}"]), f"tests/contract/{language}"]
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".md" and not GENERATED & set(path.relative_to(ROOT).parts):
                yield "\n".join(["", *lines(path.read_text(errors="replace")), ""])


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
            if not any("\n".join(["", *lines(block), ""]) in text for text in texts):
                print(f"{name} shows what nothing runs:\n{block}", file=sys.stderr)
                failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
