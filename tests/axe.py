"""axe-core over pages of ours in Chromium, each in a frame as wide as a screen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from browser import PATIENT, title_of

_FRAME = '<iframe src="page{}.html" style="width:{}px;height:9000px;border:0"></iframe>'
# All rules that axe-core runs of itself, best practices too, and the size of what fingers must hit.
_AUDIT = """<!DOCTYPE html><title>nothing was audited</title>{frames}
<script>
async function audit(frame) {{
  const page = frame.contentDocument, script = page.createElement("script");
  const loaded = new Promise((done, failed) => Object.assign(script, {{onload: done, onerror: failed}}));
  script.src = "axe.min.js";
  page.head.append(script);
  await loaded;
  const options = {{rules: {{"target-size": {{enabled: true}}}}}};
  const found = await frame.contentWindow.axe.run(page, options);
  const where = rule => rule.id + ": " + rule.nodes.map(node => node.html).join();
  return {{
    width: frame.contentWindow.innerWidth,
    overflow: page.documentElement.scrollWidth - frame.contentWindow.innerWidth,
    ink: frame.contentWindow.getComputedStyle(page.querySelector("h1")).color,
    passed: found.passes.map(rule => rule.id),
    violations: found.violations.map(where),
    undecided: found.incomplete.map(where),
  }};
}}
onload = async () => {{
  const frames = [...document.querySelectorAll("iframe")];
  document.title = JSON.stringify(await Promise.all(frames.map(audit)));
}};
</script>"""


def audit(
    pages: Sequence[str], folder: Path, npm: Path, widths: Sequence[int], *options: str
) -> list[dict[str, Any]]:
    """What axe-core says of the first page at each width, then of the next one."""
    shutil.copy(npm / "axe-core" / "axe.min.js", folder)
    for number, page in enumerate(pages):
        (folder / f"page{number}.html").write_text(page, encoding="utf-8")
    frames = "".join(_FRAME.format(number, width) for number in range(len(pages)) for width in widths)
    (folder / "audit.html").write_text(_AUDIT.format(frames=frames))
    answers: list[dict[str, Any]] = json.loads(title_of(folder / "audit.html", PATIENT, *options))
    return answers
