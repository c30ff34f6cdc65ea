"""`make lighthouse`: starts the product and prints the marks of its first pages.

Fails below 100 for accessibility, 95 for best practices and 95 for performance.
"""

import sys

from tests.lighthouse.measure import ACCESSIBILITY, QUICK, SOUND, install, is_possible, look
from tests.lighthouse.pages import PAGES, opened
from tests.live import product

LEAST = {ACCESSIBILITY: 100, SOUND: 95, QUICK: 95}
LINE = "{:<40} {:>14} {:>15} {:>12}\n"


def main() -> int:
    if not is_possible():
        sys.exit("Lighthouse needs node, npm and chromium on this machine.")
    install()
    sys.stdout.write(LINE.format("page", *LEAST))
    is_good = True
    with product() as running:
        running.start()
        running.wait_ready()
        for page in PAGES:
            url, cookie = opened(running, page)
            marks, lacking = look(url, *LEAST, cookie=cookie)
            sys.stdout.write(LINE.format(str(page), *(marks[name] for name in LEAST)))
            sys.stdout.writelines(f"    {line}\n" for line in lacking)
            sys.stdout.flush()
            is_good &= all(marks[name] >= least for name, least in LEAST.items())
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
