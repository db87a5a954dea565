#!/usr/bin/env python3
"""Tests of lint_includes.py: each rule finds its fault, and leaves the lawful neighbour of it alone."""

import tempfile
import unittest
from pathlib import Path

import lint_includes as lint

HEADER = "// What it is for.\n#pragma once\n"


def messages(path: str, text: str) -> list[str]:
    return [finding.message for finding in lint.check_source(path, text)]


class Table(unittest.TestCase):
    def test_names_known_folders_only(self):
        for allowed in list(lint.ALLOWED.values()) + [lint.ALLOWED_IN_TESTS]:
            for entry in allowed:
                self.assertIn(entry.split("/")[0], lint.ALLOWED)

    def test_has_no_cycle(self):
        def below(folder, seen=()):
            self.assertNotIn(folder, seen)
            for entry in lint.ALLOWED[folder]:
                below(entry.split("/")[0], (*seen, folder))

        for folder in lint.ALLOWED:
            below(folder)


class Includes(unittest.TestCase):
    def test_downwards_is_lawful_and_upwards_is_not(self):
        self.assertEqual(messages("src/flows/a.cc", '#include "domain/user.h"\n'), [])
        self.assertEqual(messages("src/domain/a.cc", '#include "flows/sign_in.h"\n'),
                         ["domain/ must not include flows/sign_in.h"])
        self.assertEqual(messages("src/storage/sqlite/a.cc", '#include "mail/mail.h"\n'),
                         ["storage/ must not include mail/mail.h"])

    def test_one_header_of_a_folder(self):
        self.assertEqual(messages("src/doctor/a.cc", '#include "http/client.h"\n'), [])
        self.assertEqual(messages("src/doctor/a.cc", '#include "http/router.h"\n'),
                         ["doctor/ must not include http/router.h"])

    def test_tests_may_use_the_store(self):
        self.assertEqual(messages("src/flows/a_test.cc", '#include "storage/sqlite/store.h"\n'), [])
        self.assertEqual(len(messages("src/flows/a.cc", '#include "storage/sqlite/store.h"\n')), 1)

    def test_paths_start_at_src(self):
        self.assertEqual(len(messages("src/base/a.cc", '#include "b.h"\n')), 1)

    def test_libraries_stay_in_their_folder(self):
        self.assertEqual(messages("src/crypto/a.cc", "#include <openssl/evp.h>\n"), [])
        self.assertEqual(messages("src/http/tls.cc", "#include <openssl/ssl.h>\n"), [])
        self.assertEqual(len(messages("src/http/server.cc", "#include <openssl/ssl.h>\n")), 1)
        self.assertEqual(len(messages("src/storage/migrator.cc", "#include <sqlite3.h>\n")), 1)
        self.assertEqual(len(messages("src/base/log.h", HEADER + "#include <spdlog/spdlog.h>\n")), 1)


class Code(unittest.TestCase):
    def test_time_comes_from_the_clock(self):
        call = "auto t = std::chrono::system_clock::now();\n"
        self.assertEqual(messages("src/base/clock.cc", call), [])
        self.assertEqual(messages("bench/load.cc", call), [])
        self.assertEqual(messages("src/flows/a.cc", call), ["ask the injected Clock what time it is"])
        self.assertEqual(messages("src/flows/a.cc", "// not system_clock::now\nclock.now();\n"), [])

    def test_environment_is_configuration(self):
        self.assertEqual(messages("src/config/environment.cc", 'getenv("HOME");\n'), [])
        self.assertEqual(len(messages("src/app/a.cc", 'std::getenv("HOME");\n')), 1)

    def test_tests_run_and_do_not_sleep(self):
        self.assertEqual(messages("src/base/a_test.cc", "TEST(A, DISABLED_b) {}\n"), ["a test must run"])
        self.assertEqual(messages("tests/a_test.cc", "std::this_thread::sleep_for(1s);\n"), ["a test must not sleep"])
        self.assertEqual(messages("src/base/a.cc", "std::this_thread::sleep_for(1s);\n"), [])

    def test_nothing_is_left_for_later(self):
        self.assertEqual(len(messages("src/base/a.cc", "// TO" + "DO: later\n")), 1)


class Headers(unittest.TestCase):
    def test_open_with_a_sentence(self):
        self.assertEqual(messages("src/base/a.h", HEADER), [])
        self.assertEqual(len(messages("src/base/a.h", "#pragma once\n")), 1)
        self.assertEqual(messages("src/base/a.h", "// What it is for.\n"), ["#pragma once is missing"])

    def test_classes_are_explained(self):
        self.assertEqual(messages("src/base/a.h", HEADER + "// Thread-safe.\nclass A {\n"), [])
        self.assertEqual(messages("src/base/a.h", HEADER + "// Thread-safe.\ntemplate <class T>\nclass A {\n"), [])
        self.assertEqual(messages("src/base/a.h", HEADER + "\nclass A final : public B {\n"), [])
        self.assertEqual(len(messages("src/base/a.h", HEADER + "\nclass A {\n")), 1)


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, path: str, text: str):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def found(self) -> list[str]:
        return [str(finding) for finding in lint.check_tree(self.root)]

    def test_clean(self):
        self.write("src/base/a.h", HEADER)
        self.assertEqual(self.found(), [])

    def test_folders(self):
        self.write("src/domain/utils/a.h", HEADER)
        self.write("src/stuff/a.h", HEADER)
        self.assertEqual([line.split(":")[0] for line in self.found()], ["src/domain/utils", "src/stuff"])

    def test_links(self):
        self.write("src/domain/CMakeLists.txt",
                   "latchkey_library(domain SOURCES a.cc\n"
                   "  LINKS latchkey_crypto PkgConfig::UTF8PROC latchkey_http)\n"
                   "latchkey_test(domain SOURCES a_test.cc LINKS latchkey_domain latchkey_storage)\n")
        self.assertEqual(self.found(), ["src/domain/CMakeLists.txt:2: domain/ must not link latchkey_http"])


if __name__ == "__main__":
    unittest.main()
