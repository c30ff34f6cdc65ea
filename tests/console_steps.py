"""What `make screenshots` does on pages of the console before it looks: steps on one page each."""

from playwright.sync_api import Page


def press_default(page: Page) -> None:
    page.click("#content-main .submit-row .default")


def follow(page: Page, selector: str) -> None:
    """Open a link as a page of its own, also one that the script would open in place."""
    link = page.locator(selector).first
    page.goto(link.evaluate("each => each.href"))


def open_row(page: Page) -> None:
    page.click("#result_list tbody :is(th, td:not(.action-checkbox)) a >> nth=0")


def open_form_in_place(page: Page) -> None:
    page.click("#affected a:has-text('edit')")
    page.wait_for_selector("#in-place[open]")
    page.evaluate("scrollTo(0, 0)")


def be_refused_in_place(page: Page) -> None:
    open_form_in_place(page)
    page.fill("#in-place [name=subject]", " ")
    page.click("#in-place .submit-row .default")
    page.wait_for_selector("#in-place .error-summary:focus")


def name_somebody(page: Page) -> None:
    open_row(page)
    follow(page, "#named a:has-text('name a person')")


def lift(page: Page) -> None:
    open_row(page)
    follow(page, "#named a:has-text('lift')")


def ask_for_a_signature(page: Page) -> None:
    """To lower the priority of the first of the rows, unless an earlier picture asked."""
    open_row(page)
    if not page.locator(".sign").count():
        address = page.url
        page.goto(address.replace("/change/", "/grade/"))
        page.select_option("[name=priority]", "3")
        page.fill("[name=why]", "The machine stands still, and nobody else is touched.")
        page.check("[name=ask_second]")
        press_default(page)
        page.goto(address)


def withdraw_it(page: Page) -> None:
    ask_for_a_signature(page)
    follow(page, ".sign a")


def waive_first(page: Page) -> None:
    page.click("#result_list .field-title_line a >> nth=0")
    page.goto(page.url.replace("/change/", "/waive/"))


def assign_first(page: Page) -> None:
    page.click("#result_list .field-title_line a >> nth=0")
    page.goto(page.url.replace("/change/", "/assign/"))


def block_first(page: Page) -> None:
    page.click("#result_list .field-title_line a >> nth=0")
    page.goto(page.url.replace("/change/", "/block/"))
