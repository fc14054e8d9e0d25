"""Checks that the check of references finds dangling ones; tools/check/lint.sh references runs it and this test."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/check/lint"))

import references

PAGE = "# Errors\n\n## What to do, and `when`\n\n```sh\n# no heading\n```\n\n## Twice\n\n## Twice\n"


class References(unittest.TestCase):
    def problems(self, name, text):
        texts = {"docs/errors.md": PAGE, "docs/clients/go.md": "# Go\n", "server/main.cc": "", "server/docspace/error_reason.h": '"RATE_LIMITED",', "logo.png": None, name: text}
        return [problem.removeprefix(f"{name}: ") for problem in references.Repository(texts).problems(name)]

    def test_what_exists_is_no_problem(self):
        self.assertEqual(self.problems("a.cc", "// See docs/errors.md and docs/errors.md#twice-1."), [])
        self.assertEqual(self.problems("a.cc", "// RFC 9110 section 5.3; RFC 9110, 15.4.8, 15.4.9; RFC 3629."), [])
        self.assertEqual(
            self.problems("docs/a.md", "[a](errors.md#what-to-do-and-when) [b](../logo.png) [c](#d) [e](clients/)\n# D\n"), []
        )

    def test_a_reason_that_does_not_exist_is_found(self):
        expected = ["RATE_LIMITTED is no reason of server/docspace/error_reason.h"]
        for name, text in (
            ("client/go/errors.go", 'return e.Reason == "RATE_LIMITED" || e.Reason == "RATE_LIMITTED"'),
            ("client/java/Error.java", 'reason.equals("RATE_LIMITTED")'),
            ("client/python/errors.py", 'self.reason in ("RATE_LIMITED", "RATE_LIMITTED")'),
            ("docs/clients.md", "After the reason `RATE_LIMITTED`, wait."),
            ("README.md", "| `RESOURCE_EXHAUSTED` | `RATE_LIMITED`, `RATE_LIMITTED` | wait |"),
        ):
            with self.subTest(name):
                self.assertEqual(self.problems(name, text), expected)

    def test_a_file_that_does_not_exist_is_found(self):
        self.assertEqual(self.problems("a.cc", "// See docs/nothing.md."), ["docs/nothing.md does not exist"])
        self.assertEqual(self.problems("a.sh", "# As server/mian.cc."), ["server/mian.cc does not exist"])
        self.assertEqual(self.problems("docs/a.md", "[a](../docs/nothing.md)"), ["docs/nothing.md does not exist"])
        self.assertEqual(self.problems("docs/clients/a.md", "[a](errors.md)"), ["docs/clients/errors.md does not exist"])

    def test_a_section_that_does_not_exist_is_found(self):
        for anchor in ("nothing", "no-heading", "twice-2"):
            with self.subTest(anchor):
                expected = [f"docs/errors.md has no section #{anchor}"]
                self.assertEqual(self.problems("a.cc", f"// docs/errors.md#{anchor}."), expected)
                self.assertEqual(self.problems("docs/a.md", f"[a](errors.md#{anchor})"), expected)
        self.assertEqual(
            self.problems("rules.yaml", "runbook_url: https://docspace.dev/apikeys/docs/errors.md#gone"),
            ["docs/errors.md has no section #gone"],
        )

    def test_a_section_without_a_page_is_found(self):
        self.assertEqual(len(self.problems("a.h", '// By contract section "Failures".')), 1)
        self.assertEqual(len(self.problems("a.h", '// By the section "Failures".')), 1)

    def test_an_rfc_or_section_that_is_not_listed_is_found(self):
        self.assertEqual(self.problems("a.h", "// RFC 99999."), ["tools/check/lint/references.py does not know RFC 99999"])
        expected = ["tools/check/lint/references.py does not know section 5.99 of RFC 9110"]
        for text in ("// RFC 9110 section 5.99.", "// RFC 9110, section 5.99", "| RFC 9110, 5.3, 5.99 |"):
            with self.subTest(text):
                self.assertEqual(self.problems("a.h", text), expected)

    def test_a_reference_may_go_over_the_end_of_a_line(self):
        self.assertEqual(
            self.problems("a.h", "  // as RFC\n  // 9110 section\n  // 5.99 says.\n"),
            ["tools/check/lint/references.py does not know section 5.99 of RFC 9110"],
        )

    def test_other_addresses_and_paths_are_left_alone(self):
        self.assertEqual(self.problems("a.h", "// https://example.org/docs/nothing.md, other/docs/nothing.md, $X/docs/a.md"), [])


if __name__ == "__main__":
    unittest.main()
