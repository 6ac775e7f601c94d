"""test_docs.py: the sessions of docs/python.md, run in order, with its files beside them. LRS_DOCS: the page."""
import doctest
import importlib.util
import os
import re
import tempfile
import unittest

PAGE = os.environ.get("LRS_DOCS")


@unittest.skipUnless(PAGE, "LRS_DOCS does not say where the page is")
class Page(unittest.TestCase):
    def test_sessions(self):
        with open(PAGE, encoding="utf-8") as f:
            text = f.read()
        names, run = {}, 0
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                for block in re.finditer(r"^```(\w+)(.*)\n((?:.*\n)*?)```$", text, re.M):
                    tag, words, body = block.group(1), block.group(2).split(), block.group(3)
                    line = text.count("\n", 0, block.start()) + 1
                    if tag == "lrs" and words:
                        with open(words[0], "w", encoding="utf-8") as f:
                            f.write(body)
                    if tag != "pycon":
                        continue
                    missing = [w for w in words if importlib.util.find_spec(w) is None]
                    if missing:
                        print(f"not run: line {line} needs {', '.join(missing)}")
                        continue
                    test = doctest.DocTestParser().get_doctest(body, names, "docs/python.md", PAGE, line)
                    said = []
                    result = doctest.DocTestRunner(verbose=False).run(test, out=said.append, clear_globs=False)
                    names = test.globs
                    self.assertEqual(result.failed, 0, "".join(said))
                    run += result.attempted
            finally:
                os.chdir(before)
        self.assertGreater(run, 20)


if __name__ == "__main__":
    unittest.main()
