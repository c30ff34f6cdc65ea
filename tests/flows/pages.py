"""What a page holds, read as a browser reads it: its links, and a form as it would be sent."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Reads a page once; `links` and `forms` then hold what was found."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.select = ""
        self.textarea = ""
        self.is_multiple = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "action", "formaction"):
            if name in given:
                self.links.append(given[name])
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif self.forms:
            self.read_control(tag, given)

    def read_control(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and name and "disabled" not in given:
            self.read_input(name, given)
        elif tag == "select":
            self.select, self.is_multiple = name, "multiple" in given
        elif tag == "option" and self.select:
            is_first = self.select not in dict(self.forms[-1].pairs) and not self.is_multiple
            if "selected" in given or is_first:
                if "selected" in given and not self.is_multiple:
                    self.forms[-1].drop(self.select)
                self.forms[-1].pairs.append((self.select, given.get("value", "")))
        elif tag == "textarea" and name:
            self.textarea = name
            self.forms[-1].pairs.append((name, ""))

    def read_input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"submit", "button", "file", "image", "reset"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        self.forms[-1].pairs.append((name, given.get("value", "on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            name, value = self.forms[-1].pairs[-1]
            # A line break right after the tag belongs to the markup.
            text = data.removeprefix("\n") if value == "" else data
            self.forms[-1].pairs[-1] = (name, value + text)

    def form_with(self, name: str) -> "Form":
        """The form that asks for `name`."""
        return next(form for form in self.forms if name in dict(form.pairs))


class Form:
    """One form: where it goes, and what it would send as it stands."""

    def __init__(self, action: str):
        self.action = action
        self.pairs: list[tuple[str, str]] = []

    def drop(self, name: str) -> None:
        self.pairs = [pair for pair in self.pairs if pair[0] != name]

    def filled(self, **values: str) -> list[tuple[str, str]]:
        """What is sent once these were typed; the token is the sender's matter."""
        taken = {*values, "csrfmiddlewaretoken"}
        return [pair for pair in self.pairs if pair[0] not in taken] + list(values.items())
