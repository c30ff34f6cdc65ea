"""Every mail that Tocsin writes by itself has one form."""

from workflows import letters


def test_a_repeated_mail_shows_as_one():
    first, second = (letters.compose("ann@example.org", "A", "B", about="alert.7") for _ in "12")

    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_another_address_or_another_row_is_another_mail():
    rows = [("ann", "alert.7"), ("bo", "alert.7"), ("ann", "alert.8"), ("ann", "watch.7")]

    names = {letters.message_id(about, f"{name}@example.org") for name, about in rows}

    assert len(names) == 4


def test_the_name_gives_no_address_away(settings):
    settings.DEFAULT_FROM_EMAIL = "Tocsin <tocsin@portal.example.org>"

    name = letters.message_id("alert.7", "ann@example.org")

    assert name.startswith("<alert.7.")
    assert name.endswith("@portal.example.org>")
    assert "ann" not in name


def test_no_holiday_notice_answers_a_machine():
    message = letters.compose("ann@example.org", "A", "B", headers={"X-Tocsin-Alert": "7"})

    assert message.extra_headers == {"Auto-Submitted": "auto-generated", "X-Tocsin-Alert": "7"}
