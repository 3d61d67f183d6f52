#!/usr/bin/env bash
# Makes a tree whose names try to break out of every format.
set -euo pipefail
cd "$1"
mkdir -p 'a "b" <c>&,;'
printf 'const o = {\n  "x\\"y,z": function () { return 1; },\n  "<b>&amp;": () => 2,\n  "a\\nb": function () {},\n  " lead": function () {},\n  "`tick`": function () {},\n};\nfunction \u202eright\u202c() { o["x"](); caf\u00e9(); }\nfunction caf\u00e9() { return "\U0001d54f"; } caf\u00e9();\n' > 'a "b" <c>&,;/odd	tab.js'
printf 'def f():\n    return g()\n\n\ndef g():\n    return f()\n' > $'new\nline.py'
printf 'class A:\n    def run(self):\n        pass\n\n\nclass B(A):\n    def run(self):\n        return "\xff"\n\n\ndef twice():\n    pass\n\n\ndef twice():\n    B().run()\n' > 'plain.py'
